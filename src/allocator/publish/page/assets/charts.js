// The other pictures: grouped bars, lines, a strip of points, stacked bars. Each is drawn from the table below it.

const WIDE = 1140;
const MOST_GROUPS = 40;
const pen = document.createElement("canvas").getContext("2d");

// How wide a text is in a picture; a text cut to a width.
const wide = (content) => pen.measureText(content).width;
function fitted(content, room) {
  let kept = content;
  while (kept.length > 1 && wide(kept) > room) kept = `${kept.slice(0, -2)}…`;
  return kept;
}

// A picture with its caption and its legend, [kind of sign, text] each.
function chart(name, caption, key, height, parts) {
  const holder = document.querySelector(`[data-chart=${name}]`);
  document.querySelector(`[data-picture=${name}]`).textContent = caption;
  const label = say("picture-of", { title: caption });
  const items = key.map(([node, content]) => el("li", {}, svg("svg", { class: "chart swatch", viewBox: "0 0 24 18", "aria-hidden": "true" }, node), ` ${content}`));
  holder.replaceChildren(
    el("ul", { class: "legend" }, ...items),
    svg("svg", { class: "chart", viewBox: `0 0 ${width()} ${height}`, role: "img", "aria-label": label }, ...parts));
}

function nothing(name, caption, content) {
  document.querySelector(`[data-picture=${name}]`).textContent = caption;
  document.querySelector(`[data-chart=${name}]`).replaceChildren(el("p", { class: "note" }, content));
}

// The width of a picture in its own units: on a phone as wide as the phone, so that its texts stay as large as others.
const width = () => Math.max(300, Math.min(WIDE, byId("main").clientWidth));

const text = (x, y, content, kind) => svg("text", { x, y, class: kind }, content);
const line = (x1, y1, x2, y2, kind) => svg("line", { x1, y1, x2, y2, class: kind });
const block = (kind) => svg("rect", { class: kind, x: 2, y: 2, width: 20, height: 14 });

function titled(node, content) {
  node.append(svg("title", {}, content));
  return node;
}

function nice(most) {
  const tens = [1, 10, 100, 1000, 10000, 100000, 1000000];
  const step = tens.flatMap((ten) => [1, 2, 5].map((n) => n * ten)).find((n) => most / n <= 6) || most;
  return { step, top: Math.max(step, Math.ceil(most / step) * step) };
}

// How it is spread: a row a group, a bar a year.
function drawBalance() {
  const table = data.tables.balance;
  byId("balance").hidden = !table;
  if (!table) return;
  const groups = new Map();
  for (const r of program() ? rowsAbout(table, program()[0]) : allRows(table)) {
    const name = shown(table.c[1], r);
    const held = groups.get(name) || data.periods.map(() => 0);
    groups.set(name, held.map((sum, i) => sum + (figure(table.c[3 + i], r) || 0)));
  }
  const rows = [...groups].slice(0, MOST_GROUPS);
  const room = width();
  const left = Math.min(room * 0.36, 12 + Math.max(...rows.map(([name]) => wide(name))));
  const scale = nice(Math.max(1, ...rows.flatMap(([, values]) => values)));
  const x = (value) => left + (value / scale.top) * (room - left - 44);
  const each = 12;
  const high = each * data.periods.length + 12;
  const top = 26;
  const foot = top + rows.length * high;
  const parts = [];
  for (let at = 0; at <= scale.top; at += scale.step) parts.push(line(x(at), top - 6, x(at), foot, at ? "axis" : "zero"), text(x(at), top - 11, number(at), "soft mid"));
  rows.forEach(([name, values], i) => {
    const y = top + i * high;
    parts.push(text(left - 8, y + high / 2 - 2, fitted(name, left - 10), "end"));
    values.forEach((value, j) => {
      const bar = svg("rect", { class: `s${j % 5}`, x: x(0), y: y + j * each, width: x(value) - x(0), height: each - 2 });
      parts.push(titled(bar, `${name}, ${data.periods[j]}: ${number(value)}`));
      if (value) parts.push(text(x(value) + 4, y + j * each + each - 3, number(value), "small"));
    });
  });
  if (groups.size > rows.length) parts.push(text(left, foot + 18, say("more", { count: groups.size - rows.length }), "soft"));
  const key = data.periods.map((period, i) => [block(`s${i % 5}`), String(period)]);
  chart("balance", say("balance-caption", { program: programName() }), key, foot + (groups.size > rows.length ? 26 : 6), parts);
}

// How coverage grows: a line a promise, from before the plan to its end.
function drawCoverage() {
  const table = data.tables.coverage;
  byId("coverage").hidden = !table;
  if (!table) return;
  const rows = allRows(table).slice(0, 5);
  const places = [...Array(data.periods.length + 1).keys()];
  const value = (r, i) => figure(table.c[1 + i], r) || 0;
  const last = places.length - 1;
  const goal = (r) => figure(table.c[places.length + 1], r);
  const [left, right, tall, head] = [52, width() - 56, 280, 12];
  const scale = nice(Math.max(1, ...rows.flatMap((r) => [goal(r) || 0, ...places.map((i) => value(r, i))])));
  const x = (i) => left + 14 + (i / last) * (right - left - 28);
  const y = (v) => head + (1 - v / scale.top) * tall;
  const parts = [];
  for (let at = 0; at <= scale.top; at += scale.step) parts.push(line(left, y(at), right, y(at), at ? "axis" : "zero"), text(left - 8, y(at) + 4, number(at), "soft end"));
  for (const i of places) parts.push(text(x(i), head + tall + 20, i ? String(data.periods[i - 1]) : say("before"), "mid"));
  rows.forEach((r, n) => {
    const path = places.map((i) => `${i ? "L" : "M"}${x(i)} ${y(value(r, i))}`).join("");
    if (goal(r)) {
      parts.push(svg("path", { d: `M${left} ${y(goal(r))}H${x(last)}`, class: `goal l${n}` }));
      parts.push(text(left + 4, y(goal(r)) - 6, say("goal", { figure: shown(table.c[places.length + 1], r) }), "soft"));
    }
    parts.push(svg("path", { d: path, class: `line l${n}` }));
    for (const i of places) parts.push(titled(sign(n, x(i), y(value(r, i))), shown(table.c[1 + i], r)));
    parts.push(text(x(last) + 14, y(value(r, last)) + 4, shown(table.c[places.length], r)));
  });
  chart("coverage", say("coverage-caption"), rows.map((r, n) => [sign(n, 12, 9), shown(table.c[0], r)]), head + tall + 28, parts);
}

// A sign of its own for each line: round, square, a diamond, a triangle, a cross.
function sign(n, x, y) {
  const shapes = ["M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0Z", "M-4.5 -4.5h9v9h-9Z", "M0 -6l6 6l-6 6l-6 -6Z", "M0 -6l6 10h-12Z", "M-5 -2h3v-3h4v3h3v4h-3v3h-4v-3h-3Z"];
  return svg("path", { d: shapes[n % 5], class: `p${n % 5}`, transform: `translate(${x} ${y})` });
}

// What score was needed: a strip a year, a point a unit, to the right of the line what is above its own threshold.
function drawDots() {
  const table = data.tables.dots;
  const name = programName();
  const rows = table && program() ? rowsAbout(table, program()[0]) : [];
  if (!rows.length) return nothing("dots", name, say("no-dots"));
  if (rows.every((r) => table.c[2].v[r] === null)) return nothing("dots", name, say("hidden-dots"));
  const apart = (r) => figure(table.c[2], r) - figure(table.c[3], r);
  const [low, high] = [Math.min(0, ...rows.map(apart)), Math.max(0, ...rows.map(apart))];
  const [left, right] = [48, width() - 24];
  const edge = Math.min(64, (right - left) / 9); // room for a pile at either end
  const x = (v) => left + edge + ((v - low) / (high - low || 1)) * (right - left - 2 * edge);
  const marks = marksOf(table);
  const parts = [];
  let top = 8;
  for (const period of data.periods) {
    const own = rows.filter((r) => figure(table.c[0], r) === period);
    if (!own.length) continue;
    const piles = new Map();
    for (const r of own) piles.set(apart(r), [...(piles.get(apart(r)) || []), r]);
    const [step, across, tall] = packed([...piles], x);
    const foot = top + tall + 6;
    parts.push(text(left - 8, foot, String(period), "end"), line(left, foot + 4, right, foot + 4, "axis"), line(x(0), top - 4, x(0), foot + 8, "needed"));
    for (const [value, pile] of piles) {
      pile.forEach((r, i) => {
        const many = Math.min(across, pile.length);
        const kind = ["dot", table.c[4].v[r] === null ? "" : "yes", marks.get(`${r}.2`) === "drawn" ? "lot" : ""].join(" ").trim();
        const at = { cx: x(value) + ((i % across) - (many - 1) / 2) * step, cy: foot - step / 2 - Math.floor(i / across) * step };
        const dot = svg("circle", { class: kind, ...at, r: step * 0.38, "data-open": table.c[1].v[r] });
        parts.push(titled(dot, say("dot", { unit: shown(table.c[1], r), worth: shown(table.c[2], r), needed: shown(table.c[3], r) })));
      });
    }
    top = foot + 22;
  }
  const scale = nice(high - low || 1);
  for (let at = Math.ceil(low / scale.step) * scale.step; at <= high; at += scale.step) parts.push(text(x(at), top, at > 0 ? `+${number(at)}` : `${at < 0 ? "−" : ""}${number(Math.abs(at))}`, "soft mid"));
  const round = (kind) => svg("circle", { class: kind, cx: 12, cy: 9, r: 5 });
  const key = [["dot yes", "legend-awarded"], ["dot", "not-awarded"], ...(parts.some((part) => part.classList.contains("lot")) ? [["dot lot", "legend-drawn"]] : [])];
  chart("dots", say("dots-caption", { program: name }), key.map(([kind, code]) => [round(kind), say(code)]), top + 8, parts);
}

// The size of the points of one strip, how many lie beside each other at one value, and how high the strip is.
function packed(piles, x) {
  const places = piles.map(([value]) => x(value)).sort((a, b) => a - b);
  const gap = Math.min(110, byId("main").clientWidth / 6, ...places.slice(1).map((place, i) => place - places[i]));
  const most = Math.max(...piles.map(([, pile]) => pile.length));
  for (const step of [13, 11, 9, 7, 5.5, 4]) {
    const across = Math.max(1, Math.floor(gap / step) - 1);
    const tall = Math.ceil(most / across) * step;
    if (tall <= 130 || step === 4) return [step, across, Math.max(tall, 26)];
  }
  return [4, 1, 130];
}

// How firm the decisions are: a bar a program, by what the opposite of each decision would bring.
function drawFirmness() {
  const table = data.tables.firmness;
  if (!table) return nothing("firmness", say("firmness-caption"), data.without === null ? "" : pooled(data.without));
  const room = width();
  const kinds = [["f-rules", "s0"], ["f-objectives", "s2"], ["f-draw", "s1"]];
  const parts = [];
  let y = 16;
  for (const one of data.programs) {
    const rows = rowsAbout(table, one[0]);
    if (!rows.length) continue;
    const sums = [3, 4, 5].map((c) => rows.reduce((sum, r) => sum + (figure(table.c[c], r) || 0), 0));
    const all = sums.reduce((a, b) => a + b, 0) || 1;
    parts.push(text(1, y, fitted(say("with-mark", { mark: one[1], title: pooled(one[2]) }), room)));
    let x = 1;
    sums.forEach((sum, i) => {
      if (!sum) return;
      const long = (sum / all) * (room - 2);
      const bar = svg("rect", { class: kinds[i][1], x, y: y + 7, width: Math.max(1, long - 1), height: 14 });
      parts.push(titled(bar, `${say(kinds[i][0])}: ${number(sum)}`));
      if (long > wide(number(sum)) + 4) parts.push(text(x + long / 2, y + 35, number(sum), "soft mid"));
      x += long;
    });
    y += 58;
  }
  chart("firmness", say("firmness-caption"), kinds.map(([code, kind]) => [block(kind), say(code)]), y - 10, parts);
}

function startCharts() {
  const unitByName = new Map(data.units.map((unit, i) => [unit[1], i]));
  document.querySelector("[data-chart=dots]").addEventListener("click", (event) => {
    const unit = unitByName.get(Number(event.target.dataset.open));
    if (unit !== undefined) openLetter(unit);
  });
  const drawAll = () => {
    pen.font = `13px ${getComputedStyle(document.documentElement).fontFamily}`;
    for (const draw of [drawBalance, drawCoverage, drawDots, drawFirmness]) draw();
  };
  redrawn.push(drawAll);
  let room = width();
  window.addEventListener("resize", () => {
    if (width() !== room) drawAll();
    room = width();
  });
}
