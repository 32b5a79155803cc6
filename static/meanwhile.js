/**
 * What somebody opens or types in a part of a form while the server works that part out: it is there in the new part
 * too, and is worked out next.
 */

const TYPED = "input:not([type=radio], [type=checkbox]), textarea";

let opened = [];
let typed = null;

function notSent({ target, requestConfig }) {
  const field = document.activeElement;
  if (!field.id || !field.matches(TYPED) || !target.contains(field)) return null;
  const sent = requestConfig.formData.get(field.name);
  return sent === null || sent === field.value ? null : { id: field.id, value: field.value };
}

function open(details) {
  details?.setAttribute("open", "");
}

function goOn(field) {
  if (!field) return;
  field.value = typed.value;
  field.focus({ preventScroll: true });
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const part = detail.target.id !== "page" && detail.requestConfig.verb === "post";
  opened = part ? [...detail.target.querySelectorAll("details[id][open]")].map(({ id }) => id) : [];
  typed = part ? notSent(detail) : null;
});

document.addEventListener("htmx:afterSwap", () => {
  for (const id of opened) open(document.getElementById(id));
  goOn(typed && document.getElementById(typed.id));
  opened = [];
  typed = null;
});
