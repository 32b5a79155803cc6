/**
 * Asks before typed text is lost, by our own dialog where a link or a form of ours would leave the page or swap it, by
 * the browser's where the page is closed. A form of the page is unsaved while a field differs from what the server
 * sent, or while it came back with errors.
 */

const KEPT_OUT = "[type=password], [type=hidden], [autocomplete=one-time-code]";
const leaving = { form: null, asked: null, agreed: false };

function differs(field) {
  if (field.matches(KEPT_OUT) || field.matches("button")) return false;
  if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
  if (field.matches("[type=file]")) return field.files.length > 0;
  if (!field.matches("select")) return field.value !== field.defaultValue;
  const first = [...field.options].findIndex((option) => option.defaultSelected);
  return [...field.options].some((option, at) => option.selected !== (at === Math.max(first, 0)));
}

const unsaved = (form) =>
  form !== leaving.form && (form.querySelector("[aria-invalid=true]") || [...form.elements].some(differs));

const allUnsaved = (except = null) =>
  [...document.querySelectorAll(".console #page form[method=post].form")].filter((form) => form !== except && unsaved(form));

const anyUnsaved = (except = null) => !leaving.agreed && allUnsaved(except).length > 0;

/* By its button once more: a form that is sent otherwise would not say which one was pressed. */
const pressAgain = (form, button) => () => (button ? button.click() : form.requestSubmit());

function ask(goOn) {
  const dialog = document.getElementById("leave");
  leaving.asked = goOn;
  dialog.returnValue = "";
  dialog.showModal();
}

/** Goes on at once, or after the question where a form within a part of the page would lose what is typed there. */
export function whenSaved(part, goOn) {
  if (!allUnsaved().some((form) => part.contains(form))) return goOn();
  ask(() => {
    leaving.agreed = false;
    goOn();
  });
}

/* Whether the browser itself sends a form, and opens what it answers: htmx does not. */
const isPlain = (form) =>
  form.method !== "dialog" && !form.matches("[data-theme-form]") && !form.closest("dialog") &&
  (!window.htmx || form.closest("[hx-boost]")?.getAttribute("hx-boost") === "false");

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!document.getElementById("leave") || !isPlain(form) || !anyUnsaved(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(pressAgain(form, event.submitter));
  },
  { capture: true },
);

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-theme-form]")) leaving.form = event.target;
});

addEventListener("pageshow", () => {
  leaving.form = null;
  leaving.agreed = false;
});

addEventListener("beforeunload", (event) => {
  if (anyUnsaved()) event.preventDefault();
});

/* htmx would put another page in place of this one, or of what stands in the agenda's panel. */
document.addEventListener("htmx:confirm", (event) => {
  const { target, elt, issueRequest, triggeringEvent } = event.detail;
  const replaces = ["page", "panel"].includes(target?.id);
  if (!replaces || !document.getElementById("leave") || !anyUnsaved(elt.closest("form"))) return;
  event.preventDefault();
  const form = triggeringEvent?.type === "submit" ? elt.closest("form") : null;
  ask(form ? pressAgain(form, triggeringEvent.submitter) : () => issueRequest(true));
});

document.addEventListener(
  "close",
  (event) => {
    if (event.target.id !== "leave") return;
    const goOn = leaving.asked;
    leaving.asked = null;
    if (event.target.returnValue !== "leave") return;
    leaving.agreed = true;
    goOn?.();
  },
  { capture: true },
);

/* An answer came: a form that stands here now is another one, or came back with its errors. */
document.addEventListener("htmx:afterRequest", () => {
  leaving.form = null;
  leaving.agreed = false;
});

/* The session has ended: what was typed is sent, refused, and shown with the way in (routes/_again.py). */
document.addEventListener("idle:leave", (event) => {
  const [form] = allUnsaved();
  leaving.agreed = true;
  if (!form) return;
  event.preventDefault();
  HTMLFormElement.prototype.submit.call(form);
});
