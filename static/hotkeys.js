/** Keys that press what is there to be pressed: `z` the toast's Undo or Redo, Ctrl-Enter what the form is for. */

import { KEYS_OFF, latin, plain, stored, typing } from "./keys.js";

const undo = () => [...document.querySelectorAll("#toasts [data-undo] .toast-undo")].at(-1);
const purpose = (form) => [...(form?.elements ?? [])].find((one) => one.matches("button.primary"));

function meant(event) {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") return purpose(event.target.form ?? event.target.closest?.("form"));
  const free = plain(event) && !event.shiftKey && !typing(event.target) && stored(KEYS_OFF) === null;
  return free && latin(event) === "z" && undo();
}

document.addEventListener("keydown", (event) => {
  const button = !event.defaultPrevented && !event.isComposing && !event.repeat && meant(event);
  if (!button) return;
  event.preventDefault();
  button.click();
});
