/** A booking is dragged to another time or person, or by its lower edge to another length. */

import { bottom, columns, find, number, setNumber, top } from "./board.js";
import { drop, fits, height, label } from "./drop.js";

const SNAP = 3;
const HOLD_MS = 400;
const SLACK = 5;
const EDGE = 8;

/**
 * What is under way: `booking` from `column` as `ghost` over `target`; `stretch`: by its edge; `total`: its minutes, of
 * which `lead` come before this part, which takes `before` and `after` besides; `unit`: pixels; `begun`: the ghost is there.
 */
let drag = null;
let justDropped = false;

export const isDragging = () => drag !== null;

/** Whether the click that is told now is the end of a drag. */
export const wasDropped = () => justDropped;

function grab(event, booking) {
  const board = booking.closest(".board");
  const [id, version, total, lead, before, after] = booking.dataset.b.split(" ");
  const above = booking.getBoundingClientRect().top;
  const unit = find(".board-hours", board).getBoundingClientRect().height / number(board, "h");
  const edge = above + (bottom(booking) - top(booking)) * unit;
  drag = {
    booking, board, id, version,
    total: Number(total),
    lead: Number(lead),
    before: Number(before),
    after: Number(after),
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
    setNumber(ghost, "h", height(drag));
  }
  ghost.textContent = label(drag);
  ghost.classList.toggle("is-wrong", !fits(drag));
}

/** Leaves the booking where it is. Whether one was being dragged. */
export function stopDrag() {
  if (!drag) return false;
  clearTimeout(drag.timer);
  drag.ghost?.remove();
  drag.booking.classList.remove("is-dragged");
  document.body.classList.remove("is-dragging");
  drag = null;
  return true;
}

function release() {
  if (drag.begun && drag.ghost.textContent) {
    drop(drag);
    justDropped = true;
    setTimeout(() => { justDropped = false; });
  }
  stopDrag();
}

document.addEventListener("pointerdown", (event) => {
  const booking = event.button === 0 && event.target.closest?.(".board[data-movable] .b.mv");
  if (booking && booking.closest(".col").dataset.who) grab(event, booking);
});

document.addEventListener("pointermove", (event) => {
  if (!drag || event.pointerId !== drag.pointer) return;
  const far = Math.hypot(event.clientX - drag.startX, event.clientY - drag.startY) > SLACK;
  if (!drag.begun && far) {
    if (!drag.ready) return stopDrag();
    begin();
  }
  if (drag.begun) follows(event);
});

document.addEventListener("pointerup", (event) => {
  if (drag && event.pointerId === drag.pointer) release();
});
document.addEventListener("pointercancel", stopDrag);
document.addEventListener("touchmove", (event) => { if (drag?.begun) event.preventDefault(); }, { passive: false });
document.addEventListener("dragstart", (event) => { if (event.target.closest?.(".board .b")) event.preventDefault(); });
document.addEventListener("contextmenu", (event) => { if (drag?.touch) event.preventDefault(); });
