/** Another desk's change: taken in when nothing is under way here, with focus, place and panel as they were. */

import { find } from "./board.js";
import { prepareCursor, rememberFocus, restoreFocus } from "./cursor.js";
import { isDragging } from "./drag.js";
import { rememberPanel, settlePanel } from "./panel.js";
import { moveNow, rememberScroll, restoreScroll } from "./view.js";

const PARTS = ["live", "page"];
const isPoll = (event) => event.detail.elt?.id === "live-poll";

/** What a page asked that is gone by now would put its month above the new one. */
function dropStale(event) {
  if (!event.target.isConnected) event.preventDefault();
}

document.addEventListener("htmx:beforeRequest", (event) => {
  if (!isPoll(event)) return;
  if (document.hidden || isDragging()) return event.preventDefault();
  event.stopImmediatePropagation();
  event.detail.elt.addEventListener("htmx:beforeOnLoad", dropStale, { once: true });
}, { capture: true });

for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(name, (event) => {
    if (!isPoll(event)) return;
    event.stopImmediatePropagation();
    find("#live")?.classList.add("is-stale");
  }, { capture: true });
}
document.addEventListener("htmx:afterRequest", (event) => {
  if (isPoll(event) && event.detail.successful) find("#live")?.classList.remove("is-stale");
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target } = event.detail;
  if (target.id === "live" && isDragging()) event.detail.shouldSwap = false;
  else if (PARTS.includes(target.id)) for (const remember of [rememberScroll, rememberFocus, rememberPanel]) remember();
});

/** New parts of the page are what the old ones were. */
function prepare() {
  moveNow();
  prepareCursor();
  restoreScroll();
}

document.addEventListener("htmx:afterSettle", (event) => {
  const part = event.target.id;
  if (!find("#live") || !PARTS.includes(part)) return;
  prepare();
  restoreFocus();
  settlePanel(part);
});
prepare();
