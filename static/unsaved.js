/**
 * Asks before typed text is lost: by the browser when the page is left, by our own dialog when htmx would swap it.
 * A form of the page is unsaved while a field differs from what the server sent, or while it came back with errors.
 */

const KEPT_OUT = "[type=password], [type=hidden], [autocomplete=one-time-code]";
const leaving = { form: null, asked: null };

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

const anyUnsaved = (except = null) =>
  [...document.querySelectorAll(".console #page form[method=post].form")].some((form) => form !== except && unsaved(form));

document.addEventListener("submit", (event) => {
  leaving.form = event.target;
});

addEventListener("pageshow", () => {
  leaving.form = null;
});

addEventListener("beforeunload", (event) => {
  if (anyUnsaved()) event.preventDefault();
});

/* htmx would put another page in place of this one, or of what stands in the agenda's panel. */
document.addEventListener("htmx:confirm", (event) => {
  const { target, elt, issueRequest } = event.detail;
  const dialog = document.getElementById("leave");
  if (!["page", "panel"].includes(target?.id) || !dialog || !anyUnsaved(elt.closest("form"))) return;
  event.preventDefault();
  leaving.asked = issueRequest;
  dialog.returnValue = "";
  dialog.showModal();
});

document.addEventListener(
  "close",
  (event) => {
    if (event.target.id !== "leave") return;
    if (event.target.returnValue === "leave") leaving.asked?.(true);
    leaving.asked = null;
  },
  { capture: true },
);

/* An answer came: a form that stands here now is another one, or came back with its errors. */
document.addEventListener("htmx:afterRequest", () => {
  leaving.form = null;
});
