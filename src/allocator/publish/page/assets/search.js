// The search: a box with a list below it, by Chinese or English name, pinyin, initials or code.

const MOST_FOUND = 12;

function search(typed) {
  const wanted = typed.trim().toLowerCase().replace(/\s+/g, " ");
  if (!wanted) return [];
  const tight = wanted.replace(/[\s']/g, "");
  const ranked = [];
  data.units.forEach((unit, i) => {
    const names = data.pool[unit[1]];
    const zh = Array.isArray(names) ? names[0] : names;
    let rank = zh.startsWith(wanted) ? 0 : zh.includes(wanted) ? 2 : 9;
    for (const key of unit[3].split("\n")) {
      if (key === tight || key === wanted) rank = Math.min(rank, 0);
      else if (key.startsWith(tight) || key.startsWith(wanted)) rank = Math.min(rank, 1);
      else if (wanted.length > 2 && key.includes(` ${wanted}`)) rank = Math.min(rank, 2);
      else if (tight.length > 2 && key.includes(tight)) rank = Math.min(rank, 3);
    }
    if (rank < 9) ranked.push([rank, i]);
  });
  return ranked.sort((a, b) => a[0] - b[0] || a[1] - b[1]).map((pair) => pair[1]);
}

function startSearch() {
  const box = byId("find");
  const list = byId("found");
  let found = [];
  let at = -1;
  const close = () => {
    list.hidden = true;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
    at = -1;
  };
  const mark = (to) => {
    const options = list.querySelectorAll("[role=option]");
    if (at >= 0 && options[at]) options[at].setAttribute("aria-selected", "false");
    at = to;
    options[at].setAttribute("aria-selected", "true");
    options[at].scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", options[at].id);
  };
  const take = (unit) => {
    close();
    box.value = nameOf(unit);
    openLetter(unit);
  };
  const show = () => {
    found = search(box.value).slice(0, MOST_FOUND);
    close();
    if (!box.value.trim()) return;
    const none = el("li", { role: "option", "aria-selected": "false", "aria-disabled": "true" }, say("no-match"));
    list.replaceChildren(...(found.length ? found.map(option) : [none]));
    list.hidden = false;
    box.setAttribute("aria-expanded", "true");
    if (found.length) mark(0);
  };
  const option = (unit, i) => {
    const li = el("li", { role: "option", id: `found-${i}`, "aria-selected": "false" }, nameOf(unit), el("span", { class: "where" }, groupOf(unit)));
    li.addEventListener("mousedown", (event) => {
      event.preventDefault();
      take(unit);
    });
    return li;
  };
  box.addEventListener("input", show);
  box.addEventListener("blur", close);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    else if (list.hidden || !found.length) return;
    else if (event.key === "ArrowDown") mark((at + 1) % found.length);
    else if (event.key === "ArrowUp") mark((at + found.length - 1) % found.length);
    else if (event.key === "Enter") take(found[at]);
    else return;
    event.preventDefault();
  });
}
