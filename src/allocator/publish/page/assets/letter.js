// The letter to a unit, in a dialog: Escape closes it and the focus goes back to where it was.

function letterParts(unit) {
  const parts = [];
  let list = null;
  let table = null;
  for (const number of data.letters.of[chosen.lang][unit]) {
    const [kind, ...texts] = data.letters.blocks[number];
    if (kind !== "li") list = null;
    if (kind !== "th" && kind !== "tr") table = null;
    if (kind === "h1") parts.push(el("h2", { id: "letter-title" }, texts[0]));
    else if (kind === "h2") parts.push(el("h3", {}, texts[0]));
    else if (kind === "p") parts.push(el("p", {}, texts[0]));
    else if (kind === "b") parts.push(el("p", {}, el("strong", {}, texts[0])));
    else if (kind === "li") {
      if (!list) parts.push((list = el("ul", {})));
      list.append(el("li", {}, texts[0]));
    } else if (kind === "th") {
      table = el("tbody", {});
      const head = el("tr", {}, ...texts.map((text) => el("th", { scope: "col" }, text)));
      parts.push(el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": texts[0] }, el("table", {}, el("thead", {}, head), table)));
    } else if (kind === "tr") table.append(el("tr", {}, ...texts.map((text, i) => el(i ? "td" : "th", i ? {} : { scope: "row" }, text))));
  }
  return parts;
}

function openLetter(unit) {
  choose(unit);
  fillLetter(unit);
  const dialog = byId("letter");
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  byId("letter-text").focus({ preventScroll: true });
}

function fillLetter(unit) {
  const parts = letterThere()
    ? letterParts(unit)
    : [el("h2", { id: "letter-title" }, nameOf(unit)), el("p", {}, sentence(unit)), el("p", {}, pooled(data.without))];
  byId("letter-text").replaceChildren(...parts);
}

function startLetter() {
  const dialog = byId("letter");
  byId("letter-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  redrawn.push(() => {
    if (dialog.open && chosen.unit >= 0) fillLetter(chosen.unit);
  });
}
