/** A form that books gives back the place that it kept when it is left without booking. */

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
