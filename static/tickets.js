/** Tickets by keys, and the draft of what is said: kept on the server also when the page is left at once. */

import { KEYS_OFF, latin, plain, stored, typing } from "./keys.js";

const find = (selector, within = document) => within.querySelector(selector);
const rows = () => [...document.querySelectorAll("#page [data-ticket]")];
const rowOf = (element) => element?.closest?.("[data-ticket]") ?? null;
const current = () => rowOf(document.activeElement) ?? find("#page [data-ticket].is-current");

function walk(step) {
  const all = rows().filter((row) => row.offsetParent !== null);
  const at = all.indexOf(current());
  const to = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step];
  if (!to) return false;
  const link = find("[data-key=o]", to);
  link.focus({ focusVisible: true });
  link.scrollIntoView({ block: "nearest" });
  return true;
}

function press(letter) {
  if (letter === "j") return walk(1);
  if (letter === "k") return walk(-1);
  const row = rowOf(document.activeElement);
  if (letter === "x") return row ? (find("[type=checkbox]", row)?.click(), true) : false;
  const goal = (row && find(`[data-key="${letter}"]`, row)) ?? (letter === "o" ? null : find(`#page :not([data-ticket]) [data-key="${letter}"]`));
  if (!goal || !["o", "a", "r", "c"].includes(letter)) return false;
  if (goal.matches("textarea")) goal.focus();
  else goal.click();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (!find("#page .tickets, #page .ticket-panes") || !plain(event) || event.shiftKey || typing(event.target)) return;
  if (stored(KEYS_OFF) === null && press(latin(event))) event.preventDefault();
});

/* How many are ticked, and all of them at once. */

function count() {
  const ticks = [...document.querySelectorAll("#page .ticket-tick input")];
  const ticked = ticks.filter((one) => one.checked).length;
  for (const output of document.querySelectorAll("#page .ticked")) output.value = ticked;
  for (const all of document.querySelectorAll("#page .tick-all")) {
    all.checked = ticked > 0 && ticked === ticks.length;
    all.indeterminate = ticked > 0 && ticked < ticks.length;
  }
}

document.addEventListener("change", ({ target }) => {
  if (!target.matches("#page :is(.tick-all, .ticket-tick input)")) return;
  if (target.matches(".tick-all")) {
    for (const one of document.querySelectorAll("#page .ticket-tick input")) one.checked = target.checked;
  }
  count();
});
document.addEventListener("htmx:afterSettle", count);
addEventListener("pageshow", count);

/* Whoever does something with a row of the queue goes on there, or where it stood; whoever came to reply types. */

const PLACE = "ticket-row";

document.addEventListener("click", ({ target }) => {
  const row = target.closest?.(".tickets button[data-key]") && rowOf(target);
  if (!row) return;
  try {
    sessionStorage.setItem(PLACE, `${row.dataset.ticket} ${rows().indexOf(row)}`);
  } catch {
    /* storage is off: the page begins anew */
  }
});

function placeLeft() {
  try {
    const place = sessionStorage.getItem(PLACE);
    sessionStorage.removeItem(PLACE);
    return place;
  } catch {
    return null;
  }
}

function goOn(anchor) {
  const place = placeLeft();
  if (anchor === "reply") return find("#reply textarea")?.focus();
  if (place === null || !find("#page .tickets")) return;
  const [number, at] = place.split(" ");
  const row = find(`#page [data-ticket="${CSS.escape(number)}"]`) ?? rows()[at] ?? rows().at(-1);
  find("[data-key=o]", row)?.focus({ focusVisible: true });
}

document.addEventListener("htmx:afterSettle", ({ target, detail }) => {
  if (target.id === "page") goOn(detail.pathInfo?.anchor ?? location.hash.slice(1));
});
/* A browser that comes to a part of a page takes the focus there once more when all is loaded. */
addEventListener("load", () => setTimeout(() => goOn(location.hash.slice(1))));

/* What was typed since the draft was kept last is sent once more when the page is left. */

let kept = null;

function left() {
  const field = find("[data-draft]");
  if (!field || field.form.dataset.sending || field.value === (kept ?? field.defaultValue)) return;
  const sent = new FormData(field.form);
  navigator.sendBeacon(field.dataset.draft, sent);
  kept = field.value;
}

addEventListener("pagehide", left);
document.addEventListener("htmx:beforeSwap", ({ detail: { target, requestConfig } }) => {
  if (target.id === "page" && requestConfig.verb === "get") left();
});
document.addEventListener("htmx:afterSwap", ({ target }) => {
  if (target.id === "page") kept = null;
});
document.addEventListener("htmx:afterRequest", ({ detail: { elt, successful, requestConfig } }) => {
  if (elt.matches?.("[data-draft]") && successful) kept = requestConfig.parameters.body;
});
