/** The agenda's keys; those of every page are in console.js. */

import { latin, plain, typing } from "../keys.js";
import { STOPS, bottom, find, stops, top } from "./board.js";
import { placeOf, walk } from "./cursor.js";
import { stopDrag } from "./drag.js";
import { closePanel } from "./panel.js";
import { follow } from "./steps.js";

/* The form takes another time where the service does not fit at one that nobody chose. */
function propose(place) {
  const proposed = document.createElement("input");
  Object.assign(proposed, { type: "hidden", name: "proposed", value: place.value });
  place.form.append(proposed);
  place.click();
  proposed.remove();
  return true;
}

/** Books at a free place, or at the one that follows a booking; elsewhere by the page's own link. */
function bookAt(from) {
  const column = from?.closest(".col");
  if (!column) return follow("[data-new]");
  const free = stops(column).filter((one) => one.matches("button"));
  if (from.matches("button")) return from.click(), true;
  const next = free.find((one) => top(one) >= bottom(from)) ?? free.at(-1);
  return next ? propose(next) : follow("[data-new]");
}

/* Escape, too, does no more than it did here: it would close the question at once that it led to. */
function press(event) {
  if (event.key === "Escape") return stopDrag() || closePanel();
  if (walk(event)) return true;
  if (event.shiftKey) return false;
  if (event.key === "PageUp") return follow("[data-step=before]");
  if (event.key === "PageDown") return follow("[data-step=after]");
  const letter = latin(event);
  const place = placeOf(event);
  if (letter === "n") return bookAt(place?.matches(STOPS) ? place : null);
  return letter === "t" && follow("[data-step=today]");
}

document.addEventListener("keydown", (event) => {
  if (!find(".agenda") || !plain(event) || typing(event.target)) return;
  if (press(event)) event.preventDefault();
});
