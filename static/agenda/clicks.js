/** Clicks on the agenda. The second of two quick ones meant what the first did: something else may lie there by then. */

import { STOPS } from "./board.js";
import { wasDropped } from "./drag.js";
import { closePanel, enterPanel } from "./panel.js";

const DOUBLE_MS = 500;
const SLACK = 5;

let clicked = null;

const halt = (event) => {
  event.preventDefault();
  event.stopImmediatePropagation();
};
const isDouble = ({ timeStamp, clientX, clientY, detail }) =>
  Boolean(detail && clicked) && timeStamp - clicked.at < DOUBLE_MS && Math.hypot(clientX - clicked.x, clientY - clicked.y) < SLACK;

document.addEventListener("click", (event) => {
  if (wasDropped() || isDouble(event)) return halt(event);
  const { target, timeStamp: at, clientX: x, clientY: y } = event;
  clicked = target.closest(`.board :is(${STOPS})`) ? { at, x, y } : null;
  if (target.closest("[data-close-panel]")) closePanel();
  if (target.closest("[href='#strip']")) target.closest("details").open = false;
  if (target.closest(".board .b, [data-b]")) enterPanel(event.detail === 0);
}, { capture: true });
