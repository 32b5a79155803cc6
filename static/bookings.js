/** A form that books: its search for a client by keys, and the place that it kept, given back when it is left. */

let leaving = null;

function kept() {
  const field = document.querySelector("[data-held]");
  const form = field?.form;
  if (!form || form.dataset.sending || !form.querySelector(".kept")) return null;
  const sent = new FormData();
  for (const name of ["_csrf", "held"]) sent.append(name, form.elements[name].value);
  return sent;
}

function giveBack(sent) {
  if (sent) navigator.sendBeacon("/bookings/releases", sent);
}

addEventListener("pagehide", () => giveBack(kept()));

/* By htmx the form is left by a link: its own requests post, or change only a part of the page. */
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, requestConfig } = event.detail;
  leaving = target.id === "page" && requestConfig.verb === "get" ? kept() : null;
});
document.addEventListener("htmx:afterSwap", () => {
  giveBack(leaving);
  leaving = null;
});

/* Enter in the search chooses the only client who was found, or goes to the first of several; arrows walk, Enter chooses. */

let wanted = null;

const plain = (text) => text.split(/\s+/).filter(Boolean).join(" ");
const answers = (box, found) => found?.dataset.for === plain(box.value);

function goOn(found) {
  wanted = null;
  const hits = [...found.querySelectorAll(".hits input")];
  if (hits.length === 1) return hits[0].click();
  if (found.querySelector(":scope > .callout")) return;
  const newcomer = found.querySelector("details.newcomer");
  if (!hits.length) newcomer.open = true;
  const empty = [...newcomer.querySelectorAll("input")].find((field) => field.value === "");
  (hits[0] ?? empty ?? newcomer.querySelector("input")).focus();
}

function search(event) {
  const box = event.target;
  if (event.key !== "Enter" || !plain(box.value)) return;
  event.preventDefault();
  const found = document.getElementById(box.dataset.finds);
  if (answers(box, found)) goOn(found);
  else wanted = box;
}

function walk(event) {
  const hits = [...event.target.closest(".hits").querySelectorAll("input")];
  const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (by) hits[(hits.indexOf(event.target) + by + hits.length) % hits.length].focus();
  else if (event.key === "Enter") event.target.click();
  else return;
  event.preventDefault();
}

document.addEventListener("keydown", (event) => {
  if (!window.htmx || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.target.matches?.("[data-finds]")) search(event);
  else if (event.target.matches?.(".hits input")) walk(event);
});

document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (wanted && target.id === wanted.dataset.finds && answers(wanted, target)) goOn(target);
});
