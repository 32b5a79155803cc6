/** What of the agenda is in view: the line of the present, which moves, the month's day, and how far one had scrolled. */

import { UNIT_MINUTES, find, number, setNumber } from "./board.js";
import { clock, wallAt } from "./walls.js";

const MINUTE_MS = 60_000;
const places = new Map();

const scroller = () => find(".board-scroll");
const key = () => find("#live")?.dataset.key;

/** The line of the present moves by what has passed since the server said where it is. */
export function moveNow() {
  const line = find(".now");
  if (!line) return;
  line.dataset.since ??= String(Date.now());
  const minute = Number(line.dataset.now) + Math.floor((Date.now() - Number(line.dataset.since)) / MINUTE_MS);
  const board = line.closest(".board");
  const unit = Math.floor(minute / UNIT_MINUTES);
  if (unit >= (number(board, "h") ?? 0)) return line.remove();
  setNumber(line, "t", unit);
  find("span", line).textContent = clock(wallAt(board, minute));
}

function showNow(board) {
  const line = find(".now", board);
  if (!line) return;
  const above = line.offsetTop - board.clientHeight / 3;
  if (above > 0) board.scrollTop = above;
}

function showMonth() {
  const strip = find(".strip-days");
  const day = find(".strip-days [aria-current]");
  if (strip && day) strip.scrollLeft = day.offsetLeft - (strip.clientWidth - day.offsetWidth) / 2;
}

export function rememberScroll() {
  const board = scroller();
  if (key() && board) places.set(key(), [board.scrollLeft, board.scrollTop]);
}

/** To where one had scrolled on these days, else to the booking that the address names, else to the present. */
export function restoreScroll() {
  const board = scroller();
  const [left, above] = places.get(key()) ?? [];
  const named = board && find(".b:target", board);
  if (board && above !== undefined) [board.scrollLeft, board.scrollTop] = [left, above];
  else if (named) bring(named);
  else if (board) showNow(board);
}

/** Brings something on the board into view. */
export function bring(one) {
  one.scrollIntoView({ block: "nearest", inline: "nearest" });
}

setInterval(moveNow, MINUTE_MS / 4);
document.addEventListener("htmx:afterSettle", showMonth);
addEventListener("hashchange", showMonth);
showMonth();
