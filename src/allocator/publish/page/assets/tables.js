// Tables made of the packed data, a part at a time; moving between figures; how a figure is asked again.

const AT_ONCE = 150;
const MARKS = ["", "drawn", "broken", "by-hand"];

// The value of a cell as a number (for pictures), and as it is read.
function figure(column, row) {
  const value = column.v[row];
  return Array.isArray(value) ? value[1] : value;
}
function shown(column, row) {
  const value = column.v[row];
  if (value === null) return "";
  if (column.p) return pooled(value);
  if (Array.isArray(value)) return pooled(value[0]);
  return column.k === "t" ? String(value) : number(value); // a year is no number of something
}
const aboutOf = (table, row) => (table.b ? table.a[table.b[row]] : null);

const allRows = (table) => table.c[0].v.map((_, r) => r);

// The rows about a program: they say so, or begin with its name.
function rowsAbout(table, id) {
  const wanted = table.a ? table.a.indexOf(id) : -1;
  const name = data.programs.find((one) => one[0] === id)[2];
  return allRows(table).filter((r) => (table.a ? table.b[r] === wanted : table.c[0].v[r] === name));
}

function marksOf(table) {
  if (!table.marks) {
    table.marks = new Map();
    for (let i = 0; i < table.m.length; i += 3) table.marks.set(`${table.m[i]}.${table.m[i + 1]}`, MARKS[table.m[i + 2]]);
  }
  return table.marks;
}

function asked(column, row) {
  return column.a === 1 || (typeof column.a === "string" && column.a[row] === "1");
}

function bodyRow(id, table, r) {
  const marks = marksOf(table);
  const cells = table.c.map((column, c) => {
    const mark = marks.get(`${r}.${c}`);
    const attributes = {
      class: [column.k === "t" ? "" : "n", mark || ""].join(" ").trim() || null,
      "data-at": asked(column, r) ? `${id}.${r + 1}.${c + 1}` : null,
    };
    return c === 0 ? el("th", { scope: "row", ...attributes }, shown(column, r)) : el("td", attributes, shown(column, r));
  });
  return el("tr", { class: table.s && r === table.c[0].v.length - 1 ? "total" : null }, ...cells);
}

// A table in `holder`: `rows` of it, from the one that holds `first`.
function showTable(holder, id, rows, first) {
  const table = data.tables[id];
  const place = Math.max(0, rows.indexOf(first || 0));
  const from = Math.floor(place / AT_ONCE) * AT_ONCE;
  const until = Math.min(rows.length, from + AT_ONCE);
  const title = pooled(table.t);
  const head = el("tr", {}, ...table.c.map((column) => el("th", { scope: "col", class: column.k === "t" ? null : "n" }, pooled(column.t))));
  const body = el("tbody", {}, ...rows.slice(from, until).map((r) => bodyRow(id, table, r)));
  const parts = table.n.map((note) => el("p", { class: "note" }, pooled(note)));
  if (rows.length) {
    const frame = el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": title });
    frame.append(el("table", {}, el("thead", {}, head), body));
    parts.push(frame);
  }
  if (rows.length > AT_ONCE) parts.push(pager(holder, id, rows, from, until));
  holder.replaceChildren(...parts);
  figuresIn(holder);
}

function pager(holder, id, rows, from, until) {
  const turn = (code, to, off) => {
    const button = el("button", { type: "button", disabled: off }, say(code));
    button.addEventListener("click", () => {
      showTable(holder, id, rows, rows[to]);
      const again = [...holder.querySelectorAll(".pager button")].find((other) => !other.disabled);
      if (again) again.focus();
    });
    return button;
  };
  return el("div", { class: "pager" },
    turn("earlier", from - AT_ONCE, from === 0),
    turn("later", until, until >= rows.length),
    el("p", { role: "status" }, say("rows", { first: number(from + 1), last: number(until), count: number(rows.length) })));
}

// Tables in <details>: made when they are opened, and again when something else is chosen.
function detailsFor(details) {
  const name = details.dataset.table;
  const id = name === "chosen" ? chosenTable() : name === "moves" ? `moves-${chosen.other + 2}` : name;
  const table = data.tables[id];
  details.hidden = !table;
  const state = [id, chosen.lang, details.dataset.chosen && chosen.program, details.dataset.first].join(" ");
  if (!table || !details.open || details.state === state) return;
  details.state = state;
  const holder = details.querySelector(".held") || details.appendChild(el("div", { class: "held" }));
  const rows = details.dataset.chosen && program() ? rowsAbout(table, program()[0]) : allRows(table);
  showTable(holder, id, rows, Number(details.dataset.first || 0));
}

function chosenTable() {
  const own = program() && Object.keys(data.tables).find((id) => id.startsWith("program-") && data.tables[id].p === program()[0]);
  return own || "units";
}

function startTables() {
  const each = () => document.querySelectorAll("details[data-table]");
  const all = byId("all");
  const known = new Set([...each()].map((details) => details.dataset.table));
  const free = Object.keys(data.tables).filter((id) => !known.has(id) && !/^(moves-|units\.)/.test(id));
  const section = (code, ids) => {
    if (!ids.length) return;
    const summary = el("summary", { "data-say": code });
    all.append(el("details", {}, summary, ...ids.map((id) => el("details", { "data-table": id }, el("summary", { "data-title": id })))));
  };
  section("by-program", free.filter((id) => id.startsWith("program-")));
  for (const id of free.filter((id) => id === "units")) all.append(el("details", { "data-table": id }, el("summary", { "data-title": id })));
  section("by-group", free.filter((id) => id !== "units" && !id.startsWith("program-")));
  for (const details of each()) details.addEventListener("toggle", () => detailsFor(details));
  redrawn.push(() => {
    for (const node of all.querySelectorAll("[data-say]")) node.textContent = say(node.dataset.say);
    for (const node of all.querySelectorAll("[data-title]")) node.textContent = pooled(data.tables[node.dataset.title].t);
    for (const details of each()) detailsFor(details);
  });
}

// Figures: one stop of the tab key a table; arrows move between its figures, Enter asks.
function figuresIn(root) {
  for (const table of root.querySelectorAll("table")) {
    const first = table.querySelector("[data-at]");
    if (first) {
      first.tabIndex = 0;
      table.parentElement.removeAttribute("tabindex");
    }
  }
}

function nextFigure(cell, key) {
  const row = cell.parentElement;
  const own = (tr) => (tr ? tr.cells[cell.cellIndex] : null);
  const step = { ArrowRight: (c) => c.nextElementSibling, ArrowLeft: (c) => c.previousElementSibling }[key];
  let next = cell;
  let line = row;
  do {
    if (step) next = step(next);
    else {
      line = key === "ArrowDown" ? line.nextElementSibling : line.previousElementSibling;
      next = own(line);
    }
  } while (next && !next.dataset.at);
  return next;
}

function startFigures() {
  const box = byId("replay");
  let from = null;
  const close = () => {
    box.hidden = true;
    if (from) from.focus({ preventScroll: true });
    from = null;
  };
  const open = (cell) => {
    for (const other of cell.closest("table").querySelectorAll("[data-at][tabindex]")) other.tabIndex = -1;
    cell.tabIndex = 0;
    from = cell;
    byId("replay-command").textContent = `allocator replay ${data ? data.file : "report.html"}#${cell.dataset.at}`;
    box.hidden = false;
    const at = cell.getBoundingClientRect();
    box.style.top = `${window.scrollY + at.bottom + 6}px`;
    box.style.left = `${Math.max(8, Math.min(at.left, document.documentElement.clientWidth - box.offsetWidth - 8)) + window.scrollX}px`;
    byId("replay-close").focus({ preventScroll: true });
  };
  byId("replay-close").addEventListener("click", close);
  document.addEventListener("click", (event) => {
    const cell = event.target.closest("[data-at]");
    if (cell) open(cell);
    else if (!box.hidden && !box.contains(event.target)) box.hidden = true;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !box.hidden) close();
    const cell = event.target.closest && event.target.closest("[data-at]");
    if (!cell) return;
    if (event.key === "Enter" || event.key === " ") open(cell);
    else if (!event.key.startsWith("Arrow")) return;
    else {
      const next = nextFigure(cell, event.key);
      if (next) {
        cell.tabIndex = -1;
        next.tabIndex = 0;
        next.focus();
      }
    }
    event.preventDefault();
  });
  figuresIn(document);
}

// report.html#annex.7.4 shows that figure.
function goTo(address) {
  const [, id, row] = /^(.+)\.(\d+)\.(\d+)$/.exec(address) || [];
  if (!id) return;
  if (data.tables[id]) {
    const details = [...document.querySelectorAll("details[data-table]")].find((one) => one.dataset.table === id);
    if (!details) return;
    for (let node = details; node; node = node.parentElement.closest("details")) node.open = true;
    details.dataset.first = String(Number(row) - 1);
    detailsFor(details);
  }
  const cell = [...document.querySelectorAll(`[data-at="${CSS.escape(address)}"]`)].find((one) => one.offsetParent);
  for (const old of document.querySelectorAll(".at-last")) old.classList.remove("at-last");
  if (!cell) return;
  cell.classList.add("at-last");
  cell.tabIndex = 0;
  cell.focus({ preventScroll: true });
  cell.scrollIntoView({ block: "center", inline: "center" });
}
