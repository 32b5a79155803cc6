/** Where a dragged booking was put: sent by a form of the page, or refused with the way to the one that tells more. */

import { UNIT_MINUTES, blockOf, bottom, find, findAll, idOf, top } from "./board.js";
import { show } from "./panel.js";
import { clock, dateOf, minutesBetween, momentsAt, timeAt, timeOf, wallAt, wallOf } from "./walls.js";

/** What may be in the way, and the cause that is told of it; what comes first here is told first. */
const CAUSES = [
  [".missing", "missing"], [".nobody", "nobody"], [".time-off", "time-off"], [".members", "members"],
  [".b:not(.no-show)", "booked"], [".hold", "hold"], [".crew, .elsewhere", "busy"], [".pause", "pause"], [".shut", "shut"],
];
/** What must not lie in the time that is needed before and after it, either. */
const BESIDE = ".b:not(.no-show), .tail, .hold, .crew, .elsewhere, .members";
const DOERS = ["person", "crew"];

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

const ids = (text) => text.split(" ").filter(Boolean);
const group = ({ dataset: { kind } }) => (DOERS.includes(kind) ? "doer" : kind);

/** The services of the booking that a column cannot do. */
const beyond = ({ booking, target }) => ids(booking.dataset.does).filter((one) => !ids(target.dataset.can).includes(one));

/**
 * What is in the way where the booking would lie: the cause, and in words what it is. Whatever the time, whoever cannot
 * do it is told of first.
 */
function inTheWay(drag) {
  const { ghost, target, column, id, before, after } = drag;
  if (target !== column && group(target) !== group(column)) return { cause: "kind", what: "" };
  const beyondThem = target === column || target.dataset.who === column.dataset.who ? [] : beyond(drag);
  if (beyondThem.length) return { cause: "skill", what: beyondThem.map((one) => called(target, one)).join(", ") };
  const meets = (selector, before, after) => findAll(selector, target).find(
    (one) => idOf(one) !== id && bottom(one) > top(ghost) - before && top(one) < bottom(ghost) + after);
  for (const [selector, cause] of CAUSES) {
    const one = meets(selector, 0, 0);
    if (one) return { cause, what: nameOf(one) };
  }
  const near = meets(BESIDE, Math.ceil(before / UNIT_MINUTES), Math.ceil(after / UNIT_MINUTES));
  return near ? { cause: "near", what: nameOf(near) } : null;
}

/** What something on the board is called; a tail by the booking that it is of. */
const nameOf = (one) => one.dataset.word ?? find("b", one.matches(".tail") ? blockOf(idOf(one)) : one)?.textContent ?? "";

const called = (target, service) =>
  find(".services", target.closest(".board"))?.content.querySelector(`[data-service="${service}"]`)?.textContent ?? "";

/** Whether the booking may lie where the ghost does: nothing is in its way, and there is such a time. */
export const fits = (drag) => !inTheWay(drag) && momentsAt(drag.target, top(drag.ghost) * UNIT_MINUTES).length > 0;

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
function refuse(drag, { cause, what }) {
  const toast = find("#no-drop")?.content.firstElementChild.cloneNode(true);
  if (!toast) return;
  for (const one of findAll("[data-why]", toast)) if (one.dataset.why !== cause) one.remove();
  const words = { who: drag.target.dataset.name, what };
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
  find("[data-no-drop]")?.remove();
  const { ghost, booking, column, target } = drag;
  if (target === column && top(ghost) === top(booking) && bottom(ghost) === bottom(booking)) return;
  const { moment, long } = meant(drag);
  const inWay = inTheWay(drag);
  if (inWay) refuse(drag, inWay);
  else if (moment === null || long === null) show(formUrl(drag, asked(drag)));
  else send(drag, asked(drag));
}
