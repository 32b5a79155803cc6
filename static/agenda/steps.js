/**
 * Steps to other days. A step is taken from the page that the one before it leads to, once that stands: until then its
 * links are not wired, and those of the old page lead to where one was.
 */

import { find } from "./board.js";

let turning = false;
let steps = [];

/** Takes a step by its link, now or once the page stands. Whether there is such a link. */
export function follow(selector) {
  if (turning) return Boolean(steps.push(selector));
  const link = find(selector);
  link?.click();
  return Boolean(link);
}

function arrive() {
  turning = false;
  const [next, ...rest] = steps;
  steps = next && follow(next) ? rest : [];
}

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.target.id === "page") turning = true;
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.target.id !== "page" || event.detail.successful) return;
  turning = false;
  steps = [];
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "page") arrive();
});
