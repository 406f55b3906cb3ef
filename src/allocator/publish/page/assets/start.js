// Begin: the figures at once, all else as soon as the data are there.

function fillChoices() {
  const select = byId("program");
  const options = [[-1, say("all-programs")], ...data.programs.map((one, i) => [i, say("with-mark", { mark: one[1], title: pooled(one[2]) })])];
  select.replaceChildren(...options.map(([value, text]) => el("option", { value, selected: value === chosen.program }, text)));
  const periods = [[-1, say("all-periods")], ...data.periods.map((period, i) => [i, String(period)])];
  byId("period").replaceChildren(...periods.map(([value, text]) => el("option", { value, selected: value === chosen.period }, text)));
}

function startChoices() {
  chosen.program = Math.max(0, data.programs.findIndex((one) => one[3]));
  redrawn.push(fillChoices);
  for (const name of ["program", "period"]) {
    byId(name).addEventListener("change", (event) => {
      chosen[name] = Number(event.target.value);
      redraw();
    });
  }
  const other = byId("other");
  if (!other) return;
  other.replaceChildren(...data.runs.slice(1).map((run, i) => el("option", { value: i }, run)));
  other.addEventListener("change", () => {
    chosen.other = Number(other.value);
    redraw();
  });
}

async function start() {
  document.documentElement.classList.remove("plain");
  for (const button of document.querySelectorAll("[data-lang]")) button.addEventListener("click", () => setLanguage(button.dataset.lang));
  startFigures();
  try {
    data = await load();
  } catch (error) {
    byId("too-old").hidden = false;
    return;
  }
  startChoices();
  startTables();
  startMap();
  startCharts();
  startLetter();
  startSearch();
  setLanguage(chosen.lang ? "en" : "zh");
  const follow = () => goTo(decodeURIComponent(location.hash.slice(1)));
  window.addEventListener("hashchange", follow);
  follow();
  document.documentElement.dataset.ready = "1";
}

start();
