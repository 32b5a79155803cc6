/**
 * The search field as a combobox (WAI-ARIA, list autocomplete): what was found stands beneath it while one types, the
 * first one chosen. Arrows, Home and End choose, Enter goes there, Escape closes. It asks the server by itself, so that
 * it works without htmx; without this module the field is a plain search form.
 */

import { listen } from "./scanner.js";

const WAIT_MS = 90;
const CARD = /^\d{8}$/;

const box = document.getElementById("omnibox");
const list = document.getElementById("omnibox-list");

const options = () => [...list.querySelectorAll("[role=option]")];
const chosen = () => list.querySelector("[aria-selected=true]");
const isOpen = () => !list.hidden;
const isCard = (text) => CARD.test(text.replace(/[\s\-.\u2010-\u2015\u2212]/g, ""));

let timer = 0;
let asking = null;
let answered = null;
let going = false;
let moved = false;
let stepping = false;

function equip() {
  box.setAttribute("role", "combobox");
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-controls", list.id);
  box.setAttribute("aria-expanded", "false");
}

function close() {
  clearTimeout(timer);
  asking?.abort();
  answered = null;
  going = false;
  stepping = false;
  list.hidden = true;
  box.setAttribute("aria-expanded", "false");
  box.removeAttribute("aria-activedescendant");
}

function choose(option) {
  chosen()?.setAttribute("aria-selected", "false");
  if (!option) return box.removeAttribute("aria-activedescendant");
  option.setAttribute("aria-selected", "true");
  box.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function show(html, typed) {
  list.innerHTML = html;
  options().forEach((option, at) => (option.id = `found-option-${at}`));
  list.hidden = !list.querySelector("[role=option], .omnibox-refused");
  box.setAttribute("aria-expanded", String(isOpen()));
  answered = typed;
  moved = false;
  if (!isOpen()) return;
  window.htmx?.process(list);
  list.scrollTop = 0;
  choose(typed || stepping ? options()[0] : null);
  stepping = false;
}

function go(option) {
  option.click();
  leave();
}

function leave() {
  close();
  box.value = "";
  box.blur();
}

async function ask() {
  clearTimeout(timer);
  asking?.abort();
  const own = (asking = new AbortController());
  const typed = box.value.trim();
  const address = `${box.form.action}?q=${encodeURIComponent(typed)}`;
  try {
    const answer = await fetch(address, { signal: own.signal, headers: { "X-Omnibox": "1" } });
    const html = answer.ok && !answer.redirected ? await answer.text() : null;
    if (own !== asking || typed !== box.value.trim()) return;
    if (html === null) return giveUp();
    show(html, typed);
    if (!going) return;
    going = false;
    const first = options()[0];
    if (first && !("new" in first.dataset)) go(first);
    else giveUp(true);
  } catch (error) {
    if (error.name !== "AbortError") giveUp();
  }
}

/* No answer, or nobody to go to: the form itself, if Enter was pressed. */
function giveUp(wanted = going) {
  close();
  if (wanted) box.form.requestSubmit();
}

function step(by) {
  const all = options();
  const at = all.indexOf(chosen());
  moved = true;
  choose(all[at < 0 && by < 0 ? all.length - 1 : (at + by + all.length) % all.length]);
}

function enter(event) {
  const typed = box.value.trim();
  if (isCard(typed)) return close();
  if (typed === "" && !chosen()) return event.preventDefault();
  event.preventDefault();
  if (answered === typed && chosen()) return go(chosen());
  going = true;
  ask();
}

const KEYS = {
  ArrowDown: () => step(1),
  ArrowUp: () => step(-1),
  Home: () => choose(options()[0]),
  End: () => choose(options().at(-1)),
};

function press(event) {
  if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "Enter") return enter(event);
  if (event.key === "Escape") {
    event.preventDefault();
    return isOpen() ? close() : leave();
  }
  if (event.key === "ArrowDown" && !isOpen()) {
    event.preventDefault();
    stepping = true;
    return ask();
  }
  const isMove = event.key.startsWith("Arrow") || (moved && !event.shiftKey);
  if (!isOpen() || !(event.key in KEYS) || !isMove) return;
  event.preventDefault();
  KEYS[event.key]();
}

if (box && list) {
  equip();
  box.addEventListener("focus", () => box.value.trim() === "" && ask());
  box.addEventListener("input", () => {
    clearTimeout(timer);
    asking?.abort();
    going = false;
    timer = setTimeout(ask, WAIT_MS);
  });
  box.addEventListener("keydown", press);
  box.form.addEventListener("submit", close);
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => event.target.closest("[role=option]") && event.isTrusted && leave());
  document.addEventListener("focusout", (event) => {
    if (event.target === box && !list.contains(event.relatedTarget)) close();
  });
  listen(box);
}
