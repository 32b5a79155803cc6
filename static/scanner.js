/**
 * A scanner types a card's number anywhere on the page, faster than anybody, and Enter: it goes into the form of a card
 * that stands open, else to whose card it is. Where a field had the focus it gets back what it held. There a number that
 * is no card's by its check digit (Damm, 2004) was no scan, and stays what was typed; where nothing had the focus, it is
 * searched, which says what is wrong with it.
 */

const SCAN_MS = 120;
const FREE_SCAN_MS = 1000;
const CARD = /^[1-9]\d{7}$/;
const STEPS = [
  "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
  "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
];
const LEFT_ALONE = "#omnibox, [type=password], dialog, dialog *";
const FORM = "#card details[open] [name=number]";

const isGood = (digits) => [...digits].reduce((at, digit) => STEPS[at][digit], 0) === "0";
const isScan = (digits) => CARD.test(digits) && (field === null || isGood(digits));
const fieldOf = ({ target }) => target.closest?.("input, textarea, select") ?? null;

let typed = "";
let typedAt = 0;
let field = null;
let held = "";

function begin(target) {
  typed = "";
  field = fieldOf({ target });
  held = field?.value;
}

function giveBack() {
  if (!field || field.value === held) return;
  field.value = held;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function goOn(number, box) {
  const goal = (isGood(number) && document.querySelector(FORM)) || box;
  if (goal !== field) giveBack();
  goal.value = number;
  goal.form.requestSubmit();
}

/** Listens to the whole page; `box` is the search field. */
export function listen(box) {
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.target.matches?.(LEFT_ALONE)) return begin(event.target);
      const most = field ? SCAN_MS : FREE_SCAN_MS;
      if (event.timeStamp - typedAt > most || field !== fieldOf(event) || typed === "") begin(event.target);
      typedAt = event.timeStamp;
      if (/^\d$/.test(event.key)) typed += event.key;
      else {
        const number = typed;
        typed = "";
        if (event.key !== "Enter" || !isScan(number)) return;
        event.preventDefault();
        event.stopPropagation();
        goOn(number, box);
      }
    },
    { capture: true },
  );
}
