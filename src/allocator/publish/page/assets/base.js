// What all parts of the script use: elements, words, the data, what is chosen.
// Texts are put in as texts only; nothing here makes HTML of a string.
"use strict";

const byId = (id) => document.getElementById(id);
const chosen = { lang: document.documentElement.lang.startsWith("zh") ? 0 : 1, program: 0, period: -1, unit: -1, other: 0 };
let data = null;
const redrawn = []; // what follows a change of language or choice, in order

function put(node, attributes, parts) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === true) node.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
  }
  for (const part of parts) if (part !== null && part !== undefined) node.append(part);
  return node;
}

const el = (tag, attributes, ...parts) => put(document.createElement(tag), attributes, parts);
const svg = (tag, attributes, ...parts) => put(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, parts);

const told = (text) => (Array.isArray(text) ? text[chosen.lang] : text); // one text, or one in each language
const pooled = (number) => (number < 0 ? "" : told(data.pool[number]));

// A sentence with its values, as in the words of the package: {name}, and {count?unit|units} by number.
function say(code, values) {
  return data.words[code][chosen.lang].replace(/\{(\w+)(?:\?([^|{}]*)\|([^|{}]*))?\}/g, (all, name, one, many) =>
    one === undefined ? values[name] : values[name] === 1 ? one : many);
}

const number = (value) => String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
const listed = (parts) => parts.join(say("comma"));
const nameOf = (unit) => pooled(data.units[unit][1]);
const groupOf = (unit) => pooled(data.units[unit][2]);
const program = () => (chosen.program < 0 ? null : data.programs[chosen.program]);
const programName = () => (program() ? say("with-mark", { mark: program()[1], title: pooled(program()[2]) }) : say("all-programs"));
const periodName = () => (chosen.period < 0 ? say("all-periods") : String(data.periods[chosen.period]));
const letterThere = () => Boolean(data.letters);

function redraw() {
  for (const draw of redrawn) draw();
}

async function load() {
  const node = byId("data");
  if (!node.hasAttribute("data-deflated")) return JSON.parse(node.textContent);
  const text = atob(node.textContent);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  const whole = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(whole).text());
}

function setLanguage(lang) {
  chosen.lang = lang === "zh" ? 0 : 1;
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  for (const button of document.querySelectorAll("[data-lang]")) button.setAttribute("aria-pressed", String(button.dataset.lang === lang));
  const heading = document.querySelector(`.masthead .l:lang(${lang}) h1`);
  if (heading) document.title = heading.textContent;
  if (!data) return;
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", say(`label-${node.dataset.label}`));
  redraw();
}
