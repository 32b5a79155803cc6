/** Where a dragged booking was put: sent by a form of the page, or refused with the way to the one that tells more. */

import { UNIT_MINUTES, bottom, find, findAll, idOf, top } from "./board.js";
import { show } from "./panel.js";
import { clock, dateOf, minutesBetween, momentsAt, timeAt, timeOf, wallAt, wallOf } from "./walls.js";

const TAKEN = ".shade:not(.past), .b:not(.no-show)";
const SHADES = ["shut", "pause", "time-off", "hold"];

/**
 * Where the ghost lies: since which minute of the epoch, and how many minutes long; null each where the clocks change
 * there, so that its height does not say.
 */
function meant({ ghost, target, booking, column, stretch, total }) {
  const moments = momentsAt(target, top(ghost) * UNIT_MINUTES);
  const lies = stretch ? ghost : booking;
  const long = minutesBetween(column, top(lies) * UNIT_MINUTES, bottom(lies) * UNIT_MINUTES);
  return { moment: moments.length === 1 ? moments[0] : null, long: long ?? (stretch ? null : total) };
}

/** From when till when the ghost lies, in words. */
export function label(drag) {
  const { moment, long } = meant(drag);
  const { ghost, target } = drag;
  const from = timeAt(target, top(ghost) * UNIT_MINUTES);
  if (moment === null) return from;
  return `${from}–${long === null ? timeAt(target, bottom(ghost) * UNIT_MINUTES) : timeOf(target, moment + long)}`;
}

/** How high it is there, in units: an hour that the wall shows twice or not at all changes that. */
export function height(drag) {
  const { moment, long } = meant(drag);
  const { booking, target } = drag;
  if (moment === null || !target.dataset.walls) return bottom(booking) - top(booking);
  return Math.max(Math.ceil((wallOf(target, moment + long) - wallOf(target, moment)) / UNIT_MINUTES), 1);
}

/** What is in the way where the booking would lie: an element, or the column if it cannot do that at all. */
function inTheWay({ ghost, target, column, id }) {
  if (target.dataset.kind !== column.dataset.kind) return target;
  const taken = findAll(TAKEN, target).filter((one) => idOf(one) !== id);
  return taken.find((one) => bottom(one) > top(ghost) && top(one) < bottom(ghost));
}

/** Whether the booking may lie where the ghost does: nothing is in its way, and there is such a time. */
export const fits = (drag) => !inTheWay(drag) && momentsAt(drag.target, top(drag.ghost) * UNIT_MINUTES).length > 0;

function cause(one) {
  if (one.matches(".col")) return "kind";
  return one.matches(".b") ? "booked" : SHADES.find((name) => one.matches(`.${name}`)) ?? "busy";
}

/** Where the booking was put, in the names of the form. */
function asked(drag) {
  const { ghost, booking, column, target, board, lead, stretch, total } = drag;
  const { moment, long } = meant(drag);
  const height = top(ghost) * UNIT_MINUTES;
  const wall = moment === null ? wallAt(board, height) - lead : wallOf(target, moment - lead);
  const same = target.dataset.who === column.dataset.who;
  const longer = total + (bottom(ghost) - bottom(booking)) * UNIT_MINUTES;
  return {
    on: dateOf(target.dataset.on, wall),
    time: clock(wall),
    from: same ? "" : column.dataset.who,
    to: same ? "" : target.dataset.who,
    minutes: stretch ? long ?? longer : "",
    start: moment === null ? "" : moment - lead,
  };
}

/** The form in which the place is typed already. */
function formUrl({ id }, { start, ...typed }) {
  return `/bookings/${id}/move?${new URLSearchParams(Object.entries(typed).filter(([, value]) => value !== ""))}`;
}

/** Why it was not put there, in one line, with the way to the form. */
function refuse(drag, inWay) {
  const toast = find("#no-drop")?.content.firstElementChild.cloneNode(true);
  if (!toast) return;
  for (const one of findAll("[data-why]", toast)) if (one.dataset.why !== cause(inWay)) one.remove();
  const words = { who: drag.target.getAttribute("aria-label"), what: find("b", inWay)?.textContent ?? inWay.textContent };
  const why = find("[data-why]", toast);
  why.textContent = why.textContent.replace(/\{(\w+)\}/g, (_, name) => words[name].trim());
  find("a", toast).href = formUrl(drag, asked(drag));
  find("#toasts").replaceChildren(toast);
  globalThis.htmx?.process(toast);
}

/** A random UUID; randomUUID() is there only over TLS and on this machine. */
function identity() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function send({ id, version }, values) {
  const form = find("#drop")?.content.firstElementChild.cloneNode(true);
  if (!form) return;
  form.action = `/bookings/${id}/move`;
  for (const [name, value] of Object.entries({ intent: identity(), version, ...values })) form.elements[name].value = value;
  find(".agenda").append(form);
  globalThis.htmx?.process(form);
  form.requestSubmit();
}

/**
 * Sends where a booking was put, if that is another place and a free one. Where the clocks change, the form says what
 * there is to choose from.
 */
export function drop(drag) {
  const { ghost, booking, column, target } = drag;
  if (target === column && top(ghost) === top(booking) && bottom(ghost) === bottom(booking)) return;
  const { moment, long } = meant(drag);
  const inWay = inTheWay(drag);
  if (inWay) refuse(drag, inWay);
  else if (moment === null || long === null) show(formUrl(drag, asked(drag)));
  else send(drag, asked(drag));
}
