/**
 * What the agenda adds to its links and forms: arrows through time and people, a booking dragged to another place,
 * the line of the present, and another desk's change taken in without moving anything under one's hands. All listeners
 * sit on the document, so that swapped parts need no set-up. Positions are classes (see console/grid.py).
 */

const UNIT_MINUTES = 5;
const SNAP = 3;
const MINUTE_MS = 60_000;
const HOLD_MS = 400;
const SLACK = 5;
const DOUBLE_MS = 500;
const EDGE = 8;
const STOPS = ".b, .free > button";
const HEADS = ".head > a, .head summary";
const BOARD = `.board :is(${STOPS}, ${HEADS})`;
const DAYS = ".strip a";

const find = (selector, within = document) => within.querySelector(selector);
const findAll = (selector, within = document) => [...within.querySelectorAll(selector)];
const scroller = () => find(".board-scroll");
const number = (element, letter) => {
  const name = [...element.classList].find((one) => one[0] === letter && /^\d+$/.test(one.slice(1)));
  return name ? Number(name.slice(1)) : null;
};
const setNumber = (element, letter, value) => {
  element.classList.remove(`${letter}${number(element, letter)}`);
  element.classList.add(`${letter}${value}`);
};
const top = (element) => number(element, "t") ?? 0;
const bottom = (element) => top(element) + (number(element, "h") ?? 1);

/* What the wall shows at a minute of the board, and on which date. */

const wallsOf = (board) => board.dataset.walls.split(" ").map((pair) => pair.split(":").map(Number));

function wallAt(board, minute) {
  const walls = wallsOf(board);
  const [start, shown] = walls.findLast(([from]) => from <= minute) ?? walls[0];
  return shown + minute - start;
}

/** In words; what the wall shows twice says which of the two it is. */
function timeAt(board, minute) {
  const walls = wallsOf(board);
  const index = Math.max(walls.findLastIndex(([from]) => from <= minute), 0);
  const shown = wallAt(board, minute);
  const [before, after] = [walls[index - 1], walls[index + 1]];
  const turn = after && shown >= after[1] ? 0 : before && shown < before[1] + walls[index][0] - before[0] ? 1 : null;
  return turn === null ? clock(shown) : board.dataset.twice.split("|")[turn].replace("%", clock(shown));
}

const pad = (value) => String(value).padStart(2, "0");
const clock = (wall) => `${Math.floor((wall % 1440) / 60)}:${pad(wall % 60)}`;

function dateOf(first, wall) {
  const date = new Date(`${first}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + Math.floor(wall / 1440));
  return date.toISOString().slice(0, 10);
}

/* The line of the present moves by what has passed since the server said where it is. */

function moveNow() {
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

setInterval(moveNow, MINUTE_MS / 4);

/* The board is one stop of the tab key, and the month another; arrows go on from there. */

const columns = () => findAll(".board .col");
const stops = (column) => findAll(STOPS, column).sort((one, other) => top(one) - top(other));
const inOrder = (selector) => findAll(selector).filter((one) => one.tabIndex === 0);

function rove(to) {
  for (const one of inOrder(to.matches(DAYS) ? DAYS : BOARD)) one.tabIndex = -1;
  to.tabIndex = 0;
}

function prepare() {
  moveNow();
  for (const one of findAll(`${BOARD}, ${DAYS}`)) one.tabIndex = -1;
  const first = find(".board .b") ?? find(".board .free > button") ?? find(BOARD);
  for (const one of [first, find(".strip [aria-current]") ?? find(DAYS)]) if (one) one.tabIndex = 0;
  for (const form of findAll("form:has([data-sends])")) find("button", form).hidden = true;
}

function beside(column, step, at) {
  const all = columns();
  for (let index = all.indexOf(column) + step; all[index]; index += step) {
    const there = stops(all[index]);
    if (there.length) return there.reduce((best, one) => (Math.abs(top(one) - at) < Math.abs(top(best) - at) ? one : best));
  }
  return null;
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

const latin = (event) => (/^[a-z]$/i.test(event.key) ? event.key : event.code.replace(/^Key/, "")).toLowerCase();
const typing = (target) => target.closest?.("input, textarea, select, [contenteditable], dialog") !== null;
const plain = (event) => !(event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.isComposing);

/*
 * A step is taken from the page that the one before it leads to, once that stands: until then its links are not wired,
 * and those of the old page lead to where one was.
 */
let turning = false;
let steps = [];

function follow(selector) {
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
  kept = null;
});

const idOf = (booking) => booking.dataset.b?.split(" ")[0] ?? null;
let opened = null;

function markOpened() {
  for (const one of findAll(".board .b")) one.classList.toggle("is-open", idOf(one) === opened);
}

function closePanel() {
  const panel = find("#panel");
  if (!panel?.hasChildNodes()) return;
  panel.replaceChildren();
  const open = find(".b.is-open");
  opened = null;
  markOpened();
  open?.focus({ preventScroll: true });
}

/* The panel shows the booking as it stands, whoever changes it; but what is being typed there stays. */

const blockOf = (id) => findAll(".board .b").find((one) => idOf(one) === id);
const told = (id) => {
  const block = blockOf(id);
  return block ? `${block.closest(".col").dataset.who} ${top(block)} ${block.dataset.b} ${block.textContent}` : "";
};
const sameIn = (panel, element) => {
  const key = (one) => one.getAttribute("href") ?? one.form?.getAttribute("action") ?? one.textContent;
  return findAll("a, button, summary", panel).find((one) => one.tagName === element.tagName && key(one) === key(element));
};

async function showInPanel(id) {
  const held = document.activeElement?.closest?.("#panel") && document.activeElement;
  opened = id;
  markOpened();
  await globalThis.htmx?.ajax("GET", `/bookings/${id}`, { target: "#panel", swap: "innerHTML" });
  if (held && !held.isConnected) sameIn(find("#panel"), held)?.focus({ preventScroll: true });
}

function renewPanel(before) {
  const panel = find("#panel");
  if (!opened || !panel?.hasChildNodes() || told(opened) === before) return;
  if (find("details[open] form, .panel-page form", panel)) find(".panel-changed", panel).hidden = false;
  else showInPanel(opened);
}

function bookAt(from) {
  const column = from?.closest(".col");
  if (!column || from.matches("button")) return from ? (from.click(), true) : follow("[data-new]");
  const free = stops(column).filter((one) => one.matches("button"));
  const next = free.find((one) => top(one) >= bottom(from)) ?? free.at(-1);
  return next ? (next.click(), true) : follow("[data-new]");
}

document.addEventListener("keydown", (event) => {
  if (!find(".agenda") || !plain(event) || typing(event.target)) return;
  if (event.key === "Escape") {
    if (drag) stop();
    else closePanel();
    return;
  }
  const place = event.target.closest?.(`${BOARD}, ${DAYS}`);
  const here = place?.matches(STOPS) ? place : null;
  const fresh = event.key.startsWith("Arrow") && event.target.matches("body, h1, #main");
  const to = fresh ? inOrder(BOARD)[0] : place && neighbour(place, event.key);
  const letter = latin(event);
  let did = false;
  if (to) {
    rove(to);
    to.focus();
    to.scrollIntoView({ block: "nearest", inline: "nearest" });
    did = true;
  } else if (event.shiftKey) return;
  else if (event.key === "PageUp") did = follow("[data-step=before]");
  else if (event.key === "PageDown") did = follow("[data-step=after]");
  else if (letter === "n") did = bookAt(here);
  else if (letter === "t") did = follow("[data-step=today]");
  if (did) event.preventDefault();
});

document.addEventListener("focusin", (event) => {
  if (event.target.matches?.(`${BOARD}, ${DAYS}`)) rove(event.target);
});

/* The second of two quick clicks meant what the first did: the page may show something else there by then. */

let clicked = null;
let entering = false;

const halt = (event) => {
  event.preventDefault();
  event.stopImmediatePropagation();
};
const isDouble = ({ timeStamp, clientX, clientY, detail }) =>
  Boolean(detail && clicked) && timeStamp - clicked.at < DOUBLE_MS && Math.hypot(clientX - clicked.x, clientY - clicked.y) < SLACK;

document.addEventListener("click", (event) => {
  if (justDragged || isDouble(event)) return halt(event);
  const { target, timeStamp: at, clientX: x, clientY: y } = event;
  clicked = target.closest(`.board :is(${STOPS})`) ? { at, x, y } : null;
  if (target.closest("[data-close-panel]")) closePanel();
  if (target.closest("[href='#strip']")) target.closest("details").open = false;
  const booking = target.closest(".board .b, [data-b]");
  if (!booking) return;
  opened = idOf(booking);
  entering = event.detail === 0;
  markOpened();
}, { capture: true });

/* By keys one goes into the panel, and by Escape back; whoever was in it stays in it. */
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target?.id !== "panel") return;
  const lost = document.activeElement === document.body;
  const wrong = find("#panel [aria-invalid=true]");
  if (wrong || entering || lost) (wrong ?? find("#panel h2 a") ?? find("#panel h2"))?.focus({ preventScroll: true });
  entering = false;
});

/* Dragging: to another time or person, or by the lower edge to another length. */

let drag = null;
let justDragged = false;

const TAKEN = ".shade:not(.past), .b:not(.no-show)";
const taken = (column, besides) => findAll(TAKEN, column).filter((one) => idOf(one) !== besides);

function grab(event, booking) {
  const board = booking.closest(".board");
  const [id, version, , lead] = booking.dataset.b.split(" ");
  const above = booking.getBoundingClientRect().top;
  const unit = find(".board-hours", board).getBoundingClientRect().height / number(board, "h");
  const edge = above + (bottom(booking) - top(booking)) * unit;
  drag = {
    booking, board, id, version,
    lead: Number(lead),
    column: booking.closest(".col"),
    target: booking.closest(".col"),
    pointer: event.pointerId,
    touch: event.pointerType === "touch",
    startX: event.clientX,
    startY: event.clientY,
    unit,
    offset: event.clientY - above,
    stretch: booking.matches(".ends") && edge - event.clientY <= Math.min(EDGE, (edge - above) / 3),
    ready: event.pointerType !== "touch",
    begun: false,
  };
  if (drag.touch) drag.timer = setTimeout(() => { if (drag) { drag.ready = true; begin(); } }, HOLD_MS);
}

function begin() {
  const { booking } = drag;
  drag.begun = true;
  drag.ghost = document.createElement("div");
  drag.ghost.className = `ghost t${top(booking)} h${bottom(booking) - top(booking)}`;
  drag.column.append(drag.ghost);
  booking.classList.add("is-dragged");
  document.body.classList.add("is-dragging");
}

function follows(event) {
  const { ghost, board, booking } = drag;
  const under = columns().find((column) => {
    const box = column.getBoundingClientRect();
    return event.clientX >= box.left && event.clientX < box.right;
  });
  if (under && !drag.stretch && under !== drag.target) {
    drag.target = under;
    under.append(ghost);
  }
  const step = event.shiftKey ? 1 : SNAP;
  const y = event.clientY - drag.target.getBoundingClientRect().top;
  const long = bottom(booking) - top(booking);
  const most = number(board, "h");
  if (drag.stretch) {
    const until = Math.round(y / drag.unit / step) * step;
    setNumber(ghost, "h", Math.min(Math.max(until - top(booking), 1), most - top(booking)));
  } else {
    const at = Math.round((y - drag.offset) / drag.unit / step) * step;
    setNumber(ghost, "t", Math.min(Math.max(at, 0), Math.max(most - long, 0)));
  }
  ghost.textContent = `${timeAt(board, top(ghost) * UNIT_MINUTES)}–${timeAt(board, bottom(ghost) * UNIT_MINUTES)}`;
  ghost.classList.toggle("is-wrong", !fits());
}

/** What is in the way where the booking would lie: an element, or the column if it cannot do that at all. */
function inTheWay() {
  const { ghost, target, column, id } = drag;
  if (target.dataset.kind !== column.dataset.kind) return target;
  return taken(target, id).find((one) => bottom(one) > top(ghost) && top(one) < bottom(ghost));
}

const fits = () => !inTheWay();

const cause = (one) =>
  one.matches(".col") ? "kind" : one.matches(".b") ? "booked" : ["shut", "pause", "time-off", "hold"].find((name) => one.matches(`.${name}`)) ?? "busy";

/** Why it was not put there, in one line, with the way to the form in which the place is typed already. */
function refuse(asked) {
  const toast = find("#no-drop")?.content.firstElementChild.cloneNode(true);
  const inWay = inTheWay();
  if (!toast || !inWay) return;
  for (const one of findAll("[data-why]", toast)) if (one.dataset.why !== cause(inWay)) one.remove();
  const words = { who: drag.target.getAttribute("aria-label"), what: find("b", inWay)?.textContent ?? inWay.textContent };
  const why = find("[data-why]", toast);
  why.textContent = why.textContent.replace(/\{(\w+)\}/g, (_, name) => words[name].trim());
  find("a", toast).href = `/bookings/${drag.id}/move?${new URLSearchParams(asked)}`;
  find("#toasts").replaceChildren(toast);
  globalThis.htmx?.process(toast);
}

function stop() {
  clearTimeout(drag.timer);
  drag.ghost?.remove();
  drag.booking.classList.remove("is-dragged");
  document.body.classList.remove("is-dragging");
  drag = null;
}

/** Where the booking was put, in the names of the form. */
function asked() {
  const { ghost, column, target, board, lead, stretch } = drag;
  const minute = top(ghost) * UNIT_MINUTES - lead;
  const wall = wallAt(board, minute);
  const same = target.dataset.who === column.dataset.who;
  return {
    on: dateOf(target.dataset.on, wall),
    time: clock(wall),
    from: same ? "" : column.dataset.who,
    to: same ? "" : target.dataset.who,
    minutes: stretch ? (bottom(ghost) - top(ghost)) * UNIT_MINUTES : "",
    start: board.dataset.top ? Number(board.dataset.top) + minute : "",
  };
}

function send(values) {
  const form = find("#drop")?.content.firstElementChild.cloneNode(true);
  if (!form) return;
  form.action = `/bookings/${drag.id}/move`;
  for (const [name, value] of Object.entries(values)) form.elements[name].value = value;
  find(".agenda").append(form);
  globalThis.htmx?.process(form);
  form.requestSubmit();
}

function drop() {
  const { ghost, booking, column, target, version } = drag;
  const moved = target !== column || top(ghost) !== top(booking) || bottom(ghost) !== bottom(booking);
  const { start, ...typed } = asked();
  if (moved && fits()) send({ intent: identity(), version, start, ...typed });
  else if (moved) refuse(Object.entries(typed).filter(([, value]) => value !== ""));
  justDragged = true;
  setTimeout(() => { justDragged = false; });
  stop();
}

/** A random UUID; randomUUID() is there only over TLS and on this machine. */
function identity() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

document.addEventListener("pointerdown", (event) => {
  const booking = event.button === 0 && event.target.closest?.(".board[data-movable] .b.mv");
  if (booking && booking.closest(".col").dataset.who) grab(event, booking);
});

document.addEventListener("pointermove", (event) => {
  if (!drag || event.pointerId !== drag.pointer) return;
  const far = Math.hypot(event.clientX - drag.startX, event.clientY - drag.startY) > SLACK;
  if (!drag.begun && far) {
    if (!drag.ready) return stop();
    begin();
  }
  if (drag.begun) follows(event);
});

document.addEventListener("pointerup", (event) => {
  if (!drag || event.pointerId !== drag.pointer) return;
  if (drag.begun && drag.ghost.textContent) drop();
  else stop();
});
document.addEventListener("pointercancel", () => { if (drag) stop(); });
document.addEventListener("touchmove", (event) => { if (drag?.begun) event.preventDefault(); }, { passive: false });
document.addEventListener("dragstart", (event) => { if (event.target.closest?.(".board .b")) event.preventDefault(); });
document.addEventListener("contextmenu", (event) => { if (drag?.touch) event.preventDefault(); });

/* Another desk's change: taken in when nothing is under way here, with focus, place and panel as they were. */

const isPoll = (event) => event.detail.elt?.id === "live-poll";
const places = new Map();
let focused = null;
let stood = "";
let kept = null;

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.requestConfig.verb === "post" && opened) kept = { id: opened, on: find("#live")?.dataset.key };
  if (isPoll(event) && (document.hidden || drag)) event.preventDefault();
  else if (isPoll(event)) {
    event.stopImmediatePropagation();
    event.detail.elt.addEventListener("htmx:beforeOnLoad", dropStale, { once: true });
  }
}, { capture: true });

/** What a page asked that is gone by now would put its month above the new one. */
function dropStale(event) {
  if (!event.target.isConnected) event.preventDefault();
}

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

function keyOf(element) {
  const column = element?.closest?.(".col");
  if (!column || !element.matches(STOPS)) return null;
  return { who: column.dataset.who, on: column.dataset.on, index: columns().indexOf(column), id: idOf(element), at: top(element) };
}

function remember() {
  const live = find("#live");
  const board = scroller();
  if (live && board) places.set(live.dataset.key, [board.scrollLeft, board.scrollTop]);
  focused = keyOf(document.activeElement);
  stood = told(opened);
}

function restore() {
  const board = scroller();
  const [left, above] = places.get(find("#live")?.dataset.key) ?? [];
  if (board && above !== undefined) [board.scrollLeft, board.scrollTop] = [left, above];
  else if (board) showNow(board);
}

function showNow(board) {
  const line = find(".now", board);
  if (!line) return;
  const above = line.offsetTop - board.clientHeight / 3;
  if (above > 0) board.scrollTop = above;
}

/** To the same booking, else to the same person and time, also on another day. */
function refocus() {
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

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target } = event.detail;
  if (target.id === "live" && drag) event.detail.shouldSwap = false;
  else if (["live", "page"].includes(target.id)) remember();
});

document.addEventListener("htmx:afterSettle", (event) => {
  const part = event.target.id;
  if (!find("#live") || !["live", "page"].includes(part)) return;
  prepare();
  restore();
  refocus();
  if (part === "page" && kept?.on === find("#live").dataset.key && find("#panel")) showInPanel(kept.id);
  else if (!find("#panel")?.hasChildNodes()) opened = null;
  if (part === "page") kept = null;
  markOpened();
  if (part === "live") renewPanel(stood);
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "page") arrive();
});

function showMonth() {
  const strip = find(".strip-days");
  const day = find(".strip-days [aria-current]");
  if (strip && day) strip.scrollLeft = day.offsetLeft - (strip.clientWidth - day.offsetWidth) / 2;
}

document.addEventListener("htmx:afterSettle", showMonth);
prepare();
showMonth();
restore();
