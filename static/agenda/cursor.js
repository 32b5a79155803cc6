/** The board is one stop of the tab key, and the month another; arrows go on from there, through time and people. */

import { BOARD, DAYS, HEADS, STOPS, beside, blockOf, columns, find, findAll, idOf, stops, top } from "./board.js";
import { bring } from "./view.js";

const inOrder = (selector) => findAll(selector).filter((one) => one.tabIndex === 0);

/** Makes something the one stop of its part. */
export function rove(to) {
  for (const one of inOrder(to.matches(DAYS) ? DAYS : BOARD)) one.tabIndex = -1;
  to.tabIndex = 0;
}

/** Makes new parts of the page such stops. */
export function prepareCursor() {
  for (const one of findAll(`${BOARD}, ${DAYS}`)) one.tabIndex = -1;
  const first = find(".board .b") ?? find(".board .free > button") ?? find(BOARD);
  for (const one of [first, find(".strip [aria-current]") ?? find(DAYS)]) if (one) one.tabIndex = 0;
}

function along(all, from, key) {
  const index = all.indexOf(from);
  return { ArrowLeft: all[index - 1], ArrowRight: all[index + 1], Home: all[0], End: all.at(-1) }[key];
}

function neighbour(from, key) {
  if (from.matches(DAYS)) return along(findAll(DAYS), from, key);
  if (from.matches(HEADS)) return key === "ArrowDown" ? stops(from.closest(".head").nextElementSibling)[0] : along(findAll(HEADS), from, key);
  const column = from.closest(".col");
  const own = stops(column);
  const index = own.indexOf(from);
  if (key === "ArrowDown") return own[index + 1];
  if (key === "ArrowUp") return own[index - 1] ?? find("a", column.previousElementSibling);
  if (key === "ArrowLeft") return beside(column, -1, top(from));
  if (key === "ArrowRight") return beside(column, 1, top(from));
  if (key === "Home") return own[0];
  if (key === "End") return own.at(-1);
  return null;
}

/** Where a key stands that was pressed on the board or on the month; null elsewhere. */
export const placeOf = (event) => event.target.closest?.(`${BOARD}, ${DAYS}`) ?? null;

/** Goes on by an arrow, also onto the board from the page itself. Whether it did. */
export function walk(event) {
  const place = placeOf(event);
  const fresh = event.key.startsWith("Arrow") && event.target.matches("body, h1, #main");
  const to = fresh ? inOrder(BOARD)[0] : place && neighbour(place, event.key);
  if (!to) return false;
  rove(to);
  to.focus();
  bring(to);
  return true;
}

document.addEventListener("focusin", (event) => {
  if (event.target.matches?.(`${BOARD}, ${DAYS}`)) rove(event.target);
});

/* The focus survives a board that is made anew. */

let focused = null;

export function rememberFocus() {
  const element = document.activeElement;
  const column = element?.closest?.(".col");
  focused = null;
  if (!column || !element.matches(STOPS)) return;
  focused = { who: column.dataset.who, on: column.dataset.on, index: columns().indexOf(column), id: idOf(element), at: top(element) };
}

/** To the same booking, else to the same person and time, also on another day. */
export function restoreFocus() {
  if (!focused) return;
  const all = columns();
  const { who, on, index, id, at } = focused;
  const column = all.find((one) => one.dataset.who === who && one.dataset.on === on) ?? all.find((one, place) => one.dataset.who === who && place === index)
    ?? all.find((one) => one.dataset.who === who) ?? all[Math.min(index, all.length - 1)];
  if (!column) return;
  const own = stops(column);
  const same = id && (own.find((one) => idOf(one) === id) ?? blockOf(id));
  const to = same || own.find((one) => top(one) >= at) || own.at(-1) || beside(column, 1, at) || beside(column, -1, at);
  to?.focus({ preventScroll: true });
}
