// The map: what its colours say, moving from unit to unit, what is read aloud; the same shapes twice where two plans are compared.

const LEVELS = ["v1", "v2", "v3", "v4", "v5"];
const maps = []; // {root, nodes: one a unit in the order of `data.units`, at: the unit at which the tab key stops, awards}

// Awards by unit, program and period, from the table of units: its last columns are the programs.
function awardsOf(id) {
  const table = data.tables[id];
  if (!table) return null;
  const first = table.c.length - data.programs.length;
  const year = table.c[first - 1];
  const place = new Map(data.periods.map((period, i) => [period, i]));
  const unitOf = new Map(data.units.map((unit, i) => [unit[0], i]));
  const marks = marksOf(table);
  const awards = { amount: data.programs.map(() => new Map()), drawn: data.programs.map(() => new Set()) };
  for (let r = 0; r < year.v.length; r += 1) {
    const unit = unitOf.get(aboutOf(table, r));
    if (unit === undefined) continue;
    const key = unit * data.periods.length + place.get(figure(year, r));
    for (let p = 0; p < data.programs.length; p += 1) {
      const amount = figure(table.c[first + p], r);
      if (amount) awards.amount[p].set(key, amount);
      if (marks.size && marks.get(`${r}.${first + p}`) === "drawn") awards.drawn[p].add(key);
    }
  }
  return awards;
}

const keyOf = (unit, period) => unit * data.periods.length + period;
const periodsChosen = () => (chosen.period < 0 ? data.periods.map((_, i) => i) : [chosen.period]);
const programsChosen = () => (chosen.program < 0 ? data.programs.map((_, i) => i) : [chosen.program]);

function amountsOf(awards, unit, p) {
  return periodsChosen().map((t) => awards.amount[p].get(keyOf(unit, t)) || 0);
}

// What one unit has, in words: "awarded 2014", "refused 2014, 81 of 83", "9 in 2013".
function programSentence(awards, unit, p) {
  const periods = periodsChosen();
  const amounts = amountsOf(awards, unit, p);
  if (!data.programs[p][3]) {
    const parts = periods.flatMap((t, i) => (amounts[i] ? [say("amount", { amount: number(amounts[i]), period: data.periods[t] })] : []));
    return parts.length ? listed(parts) : say("none");
  }
  const got = periods.filter((t, i) => amounts[i]);
  const parts = got.length ? [say("awarded", { periods: listed(got.map((t) => data.periods[t])) }) + lot(awards, unit, p, got)] : [];
  return [...parts, ...refusals(unit, p, periods.filter((t, i) => !amounts[i]))].join(say("between")) || say("none");
}

function lot(awards, unit, p, periods) {
  return periods.some((t) => awards.drawn[p].has(keyOf(unit, t))) ? ` (${say("drawn")})` : "";
}

function refusals(unit, p, periods) {
  const refused = data.refused[data.programs[p][0]];
  if (!refused) return [];
  const [texts, scores] = refused;
  if (!refused.scored) {
    refused.scored = new Map();
    for (let i = 0; i < scores.length; i += 3) refused.scored.set(scores[i], [scores[i + 1], scores[i + 2]]);
  }
  const parts = [];
  const alike = new Map();
  for (const t of periods) {
    const place = keyOf(unit, t);
    const score = refused.scored.get(place);
    const period = data.periods[t];
    if (score && score[0] >= 0) parts.push(say("refused-at", { period, worth: pooled(score[0]), needed: pooled(score[1]) }));
    else if (score) parts.push(say("refused-below", { period, needed: pooled(score[1]) }));
    else if (texts[place] >= 0) alike.set(texts[place], [...(alike.get(texts[place]) || []), period]);
  }
  for (const [text, held] of alike) parts.push(say("refused", { periods: listed(held), reason: pooled(text) }));
  return parts;
}

function toldOf(awards, unit) {
  if (chosen.program >= 0) return programSentence(awards, unit, chosen.program);
  const parts = data.programs.flatMap((one, p) => {
    const amounts = amountsOf(awards, unit, p);
    if (!amounts.some(Boolean)) return [];
    const mark = pooled(one[2]);
    return [say("colon", { unit: mark, told: one[3] ? programSentenceGot(amounts) : number(amounts.reduce((a, b) => a + b, 0)) })];
  });
  return parts.length ? parts.join(say("between")) : say("none");
}

function programSentenceGot(amounts) {
  return listed(periodsChosen().filter((t, i) => amounts[i]).map((t) => data.periods[t]));
}

const sentence = (unit) => say("colon", { unit: nameOf(unit), told: toldOf(maps[0].awards, unit) });

// Colours: years of a selection, classes of amounts, the number of actions.
function valuesOf(awards) {
  return data.units.map((_, unit) => {
    if (chosen.program < 0) return programsChosen().filter((p) => amountsOf(awards, unit, p).some(Boolean)).length;
    return amountsOf(awards, unit, chosen.program).reduce((a, b) => a + b, 0);
  });
}

function classesOf(values) {
  const held = [...new Set(values.filter(Boolean))].sort((a, b) => a - b);
  if (held.length <= LEVELS.length) return held.map((value) => [value, value]);
  const all = values.filter(Boolean).sort((a, b) => a - b);
  const ends = [...new Set(LEVELS.map((_, i) => all[Math.ceil(((i + 1) * all.length) / LEVELS.length) - 1]))];
  return ends.map((end, i) => [i ? held.find((value) => value > ends[i - 1]) : held[0], end]);
}

// Steps of the scale, spread over it where there are few.
const level = (i, count) => LEVELS[count < 2 ? 3 : Math.round((i * (LEVELS.length - 1)) / (count - 1))];

function colouring(awards) {
  const selects = program() && program()[3];
  if (selects && chosen.period < 0 && data.periods.length > 1 && data.periods.length <= LEVELS.length) {
    const entries = data.periods.map((period, i) => [level(i, data.periods.length), say("legend-year", { period })]);
    const mark = (unit) => {
      const got = amountsOf(awards, unit, chosen.program).findIndex(Boolean);
      return got < 0 ? null : entries[got][0];
    };
    return { entries, mark };
  }
  const values = valuesOf(awards);
  const classes = classesOf(values);
  const range = ([low, high]) => (low === high ? number(low) : say("legend-range", { low: number(low), high: number(high) }));
  const text = (one) => {
    if (chosen.program < 0) return one[0] === one[1] ? say("actions", { count: one[0] }) : range(one);
    return selects && classes.length === 1 ? say("legend-awarded") : range(one);
  };
  const entries = classes.map((one, i) => [level(i, classes.length), text(one)]);
  return { entries, mark: (unit) => (values[unit] ? entries[classes.findIndex(([, high]) => values[unit] <= high)][0] : null) };
}

function neverPossible(unit) {
  const own = program() && data.refused[program()[0]];
  if (!own) return false;
  return periodsChosen().every((t) => own[0][keyOf(unit, t)] >= 0 && !data.open.has(own[0][keyOf(unit, t)]));
}

function setMark(node, mark, drawn, isChosen) {
  node.setAttribute("class", [mark, drawn ? "drawn" : "", isChosen ? "chosen" : ""].join(" ").trim());
}

function legendInto(node, entries) {
  const items = entries.map(([mark, text]) => {
    const rect = svg("rect", { class: mark, x: 1, y: 1, width: 22, height: 16, rx: 2 });
    return el("li", {}, svg("svg", { class: "swatch", viewBox: "0 0 24 18", "aria-hidden": "true" }, rect), ` ${text}`);
  });
  node.replaceChildren(...items);
}

function caption(map, name, text) {
  document.querySelector(`[data-picture=${name}]`).textContent = text;
  map.root.setAttribute("aria-label", text);
}

function drawMap() {
  const { awards, nodes } = maps[0];
  const { entries, mark } = colouring(awards);
  let drawn = false;
  let out = false;
  nodes.forEach((node, unit) => {
    const own = mark(unit);
    const lots = programsChosen().some((p) => periodsChosen().some((t) => awards.drawn[p].has(keyOf(unit, t))));
    const never = !own && neverPossible(unit);
    drawn = drawn || lots;
    out = out || never;
    setMark(node, own || (never ? "out" : "v0"), lots, unit === chosen.unit);
  });
  legendInto(byId("legend"), [
    ...entries,
    ["v0", say("legend-none")],
    ...(out ? [["out", say("legend-out")]] : []),
    ...(drawn ? [["v0 drawn", say("legend-drawn")]] : []),
  ]);
  caption(maps[0], "map", say("map-caption", { program: programName(), period: periodName() }));
  byId("told").textContent = chosen.unit < 0 ? say("choose-unit") : sentence(chosen.unit);
}

// Two plans: what each unit has in both, in one, in the other.
function drawMoves() {
  if (maps.length < 3) return;
  const here = maps[0].awards;
  const there = (maps[0].others = maps[0].others || {})[chosen.other] || (maps[0].others[chosen.other] = awardsOf(`units.${chosen.other + 2}`));
  maps[2].awards = there;
  let changed = false;
  let differ = 0;
  data.units.forEach((_, unit) => {
    const [one, two] = [here, there].map((awards) => programsChosen().flatMap((p) => amountsOf(awards, unit, p)));
    const [some, others] = [one, two].map((amounts) => amounts.some(Boolean));
    const same = one.every((amount, i) => amount === two[i]);
    changed = changed || (some && others && !same);
    differ += same ? 0 : 1;
    const mark = !some && !others ? "v0" : same ? "kept" : !others ? "lost" : !some ? "gained" : "v3";
    setMark(maps[1].nodes[unit], some ? mark : "v0", false, unit === chosen.unit);
    setMark(maps[2].nodes[unit], others ? mark : "v0", false, unit === chosen.unit);
  });
  legendInto(byId("moves-legend"), [
    ["kept", say("legend-kept")], ["lost", say("legend-lost")], ["gained", say("legend-gained")],
    ...(changed ? [["v3", say("legend-changed")]] : []), ["v0", say("legend-none")],
  ]);
  caption(maps[1], "before", say("before-caption", { run: data.runs[0] }));
  caption(maps[2], "after", say("after-caption", { run: data.runs[chosen.other + 1] }));
  if (chosen.unit >= 0) tellMoved(chosen.unit);
  else byId("moved").textContent = say("differ", { program: programName(), period: periodName(), count: differ });
}

function tellMoved(unit) {
  byId("moved").textContent = say("moved", { unit: nameOf(unit), here: toldOf(maps[0].awards, unit), there: toldOf(maps[2].awards, unit) });
}

// One unit is chosen: on every map it is outlined and the stop of the tab key; what it has is read aloud.
function choose(unit, at) {
  for (const map of maps) {
    map.nodes[map.at].classList.remove("chosen");
    map.nodes[map.at].setAttribute("tabindex", "-1");
    map.at = unit;
    map.nodes[unit].setAttribute("tabindex", "0");
    map.nodes[unit].classList.add("chosen");
  }
  chosen.unit = unit;
  byId("told").textContent = sentence(unit);
  if (maps.length > 2 && at !== 0) tellMoved(unit);
}

const KEYS = { ArrowUp: 0, ArrowRight: 1, ArrowDown: 2, ArrowLeft: 3 };

function startOne(root, index) {
  const nodes = [...root.querySelectorAll(".units > *")];
  nodes.forEach((node, i) => put(node, { role: "button", tabindex: i ? "-1" : "0" }, []));
  const order = new Map(data.map.units.map((code, i) => [code, i])); // the order of the elements is that of the map
  const own = data.units.map((unit) => nodes[order.get(unit[0])]);
  const unitAt = new Map(own.map((node, unit) => [node, unit]));
  const byPlace = data.map.units.map((code) => unitAt.get(nodes[order.get(code)]));
  const map = { root, nodes: own, at: byPlace[0] };
  maps.push(map);
  const unitOf = (event) => unitAt.get(event.target);
  root.addEventListener("click", (event) => {
    const unit = unitOf(event);
    if (unit === undefined) return;
    own[unit].focus();
    openLetter(unit);
  });
  root.addEventListener("focusin", (event) => {
    const unit = unitOf(event);
    if (unit !== undefined && unit !== chosen.unit) choose(unit, index);
  });
  root.addEventListener("keydown", (event) => {
    const unit = unitOf(event);
    if (unit === undefined) return;
    if (event.key === "Enter" || event.key === " ") openLetter(unit);
    else if (event.key in KEYS) {
      const next = data.map.next[order.get(data.units[unit][0]) * 4 + KEYS[event.key]];
      if (next >= 0) own[byPlace[next]].focus();
    } else return;
    event.preventDefault();
  });
  return map;
}

function nameMaps() {
  for (const { nodes } of maps) {
    nodes.forEach((node, unit) => {
      node.setAttribute("aria-label", nameOf(unit));
      const title = node.firstElementChild || node.appendChild(svg("title", {}));
      title.textContent = nameOf(unit);
    });
  }
}

function startMap() {
  [byId("plan"), byId("before"), byId("after")].filter(Boolean).forEach((root, i) => {
    startOne(root, i).awards = i < 2 ? (i ? maps[0].awards : awardsOf("units")) : null;
  });
  data.open = new Set(data.open);
  redrawn.push(nameMaps, drawMap, drawMoves);
}
