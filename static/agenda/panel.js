/**
 * The panel shows the booking that was chosen as it stands, whoever changes it; but what is being typed there stays,
 * and is not left without a question.
 */

import { whenSaved } from "../unsaved.js";
import { blockOf, find, findAll, idOf, top } from "./board.js";
import { rove } from "./cursor.js";
import { bring } from "./view.js";

const BOOKING = /^\/bookings\/(\d+)/;

let opened = null;
let entering = false;
let kept = null;
let stood = "";

const panel = () => find("#panel");
const shown = () => Boolean(panel()?.hasChildNodes());

function markOpened() {
  for (const one of findAll(".board .b")) one.classList.toggle("is-open", idOf(one) === opened);
}

function empty() {
  for (const asks of findAll("[hx-trigger]", panel())) htmx.trigger(asks, "htmx:abort");
  panel().replaceChildren();
  const open = find(".b.is-open");
  opened = null;
  markOpened();
  open?.focus({ preventScroll: true });
}

/** Whether there was anything to close. */
export function closePanel() {
  if (!shown()) return false;
  whenSaved(panel(), empty);
  return true;
}

const sameIn = (within, element) => {
  const key = (one) => one.getAttribute("href") ?? one.form?.getAttribute("action") ?? one.textContent;
  return findAll("a, button, summary", within).find((one) => one.tagName === element.tagName && key(one) === key(element));
};

/** Opens a page about a booking in the panel. */
export async function show(url) {
  if (globalThis.htmx) await globalThis.htmx.ajax("GET", url, { target: "#panel", swap: "innerHTML" });
  else location.assign(url);
}

async function showBooking(id) {
  const held = document.activeElement?.closest?.("#panel") && document.activeElement;
  opened = id;
  await show(`/bookings/${id}`);
  if (held && !held.isConnected) sameIn(panel(), held)?.focus({ preventScroll: true });
}

/* What is told of the open booking on the board, by which another desk's change is seen. */

function told() {
  const block = opened && blockOf(opened);
  return block ? `${block.closest(".col").dataset.who} ${top(block)} ${block.dataset.b} ${block.textContent}` : "";
}

export const rememberPanel = () => { stood = told(); };

function renew() {
  if (!opened || !shown() || told() === stood) return;
  if (find("details[open] form, .panel-page form", panel())) find(".panel-changed", panel()).hidden = false;
  else showBooking(opened);
}

/* Where the panel would lie over the board, the booking itself is what is to be seen. */
const isBeside = () => getComputedStyle(panel().parentElement).position === "relative";

/** The booking that has just got its place on this board: it is in sight, and chosen. */
function showPlaced(id) {
  const block = blockOf(id);
  if (!block) return;
  rove(block);
  requestAnimationFrame(() => bring(block)); /* htmx has scrolled the page to its top by then */
  if (isBeside()) showBooking(id);
  else block.focus({ preventScroll: true });
}

/**
 * After the page was swapped, or by another desk's change its live part: the booking about which something was sent is
 * shown again on the same days, or the one that the toast tells of, and the open one as it stands now.
 */
export function settlePanel(part) {
  const placed = part === "page" && panel() && find(".toast[data-booking]")?.dataset.booking;
  if (part === "page" && panel() && kept?.on === find("#live").dataset.key) showBooking(kept.id);
  else if (placed) showPlaced(placed);
  else if (!shown()) opened = null;
  if (part === "page") kept = null;
  markOpened();
  if (part === "live") renew();
}

/** A booking was chosen on the board; `byKeys`: then one goes on in the panel. */
export function enterPanel(byKeys) {
  entering = byKeys;
}

document.addEventListener("htmx:beforeRequest", ({ detail: { target, requestConfig } }) => {
  if (requestConfig.verb === "post" && opened) kept = { id: opened, on: find("#live")?.dataset.key };
  const [, id] = (target.id === "panel" && requestConfig.path.match(BOOKING)) || [];
  if (!id) return;
  opened = id;
  markOpened();
}, { capture: true });

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.target.id === "page" && !event.detail.successful) kept = null;
});

/* By keys one goes into the panel, and by Escape back; whoever was in it stays in it. */
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target?.id !== "panel") return;
  const lost = document.activeElement === document.body;
  const wrong = find("#panel [aria-invalid=true]");
  if (wrong || entering || lost) (wrong ?? find("#panel [data-ready]") ?? find("#panel h2 a") ?? find("#panel h2"))?.focus({ preventScroll: true });
  entering = false;
});
