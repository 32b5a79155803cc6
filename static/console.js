/**
 * What the console adds to plain links and forms: keys, instant theme, focus after a swap, a guard against double
 * clicks, progress, toasts that leave, menus that close. Everything works without it. All listeners sit on the
 * document, so that swapped parts need no set-up.
 */

import { KEYS_OFF, latin, stored, typing } from "./keys.js";

const root = document.documentElement;
const find = (selector, within = document) => within.querySelector(selector);
const findAll = (selector, within = document) => [...within.querySelectorAll(selector)];

/* Keys: `g a` works on a Russian keyboard, too. */

const CHORD_MS = 1200;
let chordUntil = 0;

const isSlash = (event) => event.key === "/" || (event.code === "Slash" && event.key === ".");
const isHelp = (event) => event.key === "?" || (event.code === "Slash" && event.key === ",");

function store(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    /* storage is off: the choice lasts for this page */
  }
}

function focusOmnibox() {
  const box = find("#omnibox");
  box?.focus();
  box?.select();
  return Boolean(box);
}

function openDialog(id) {
  const dialog = document.getElementById(id);
  if (!dialog || dialog.open) return false;
  if (id === "keys") listKeys(dialog);
  dialog.showModal();
  return true;
}

function listKeys(dialog) {
  const own = find("#page-keys");
  find("[data-keys-page]", dialog).replaceChildren(...(own ? [own.content.cloneNode(true)] : []));
  const list = find("[data-keys-list]", dialog);
  const links = new Map(findAll("#rail a[data-key]").map((link) => [link.dataset.key, link]));
  list.replaceChildren(
    ...[...links].map(([key, link]) => {
      const row = document.createElement("div");
      const word = document.createElement("dt");
      const keys = document.createElement("dd");
      word.textContent = find(".nav-word", link).textContent;
      for (const name of ["g", key]) {
        const cap = document.createElement("kbd");
        cap.textContent = name;
        keys.append(cap, " ");
      }
      row.append(word, keys);
      return row;
    }),
  );
  find("[data-keys-heading]", dialog).hidden = links.size === 0;
  find("[data-keys-switch]", dialog).checked = stored(KEYS_OFF) === null;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.isComposing) return;
  if (event.key === "Escape") return closeMenus(true);
  if (event.ctrlKey || event.metaKey) {
    if (latin(event) === "k" && !event.shiftKey && focusOmnibox()) event.preventDefault();
    return;
  }
  if (typing(event.target) || stored(KEYS_OFF) !== null) return;
  if (event.timeStamp < chordUntil) {
    chordUntil = 0;
    const link = find(`#rail a[data-key="${CSS.escape(latin(event))}"]`);
    if (link) {
      event.preventDefault();
      link.click();
    }
  } else if (latin(event) === "n" && !event.shiftKey && find("#page [data-press=n]")) {
    event.preventDefault();
    find("#page [data-press=n]").click();
  } else if (isSlash(event)) {
    if (focusOmnibox()) event.preventDefault();
  } else if (isHelp(event)) {
    if (openDialog("keys")) event.preventDefault();
  } else if (latin(event) === "g" && !event.shiftKey) {
    chordUntil = event.timeStamp + CHORD_MS;
  }
});

/* Menus and dialogs. */

function closeMenus(refocus = false) {
  for (const menu of findAll("details.menu[open]")) {
    const inside = menu.contains(document.activeElement);
    menu.open = false;
    if (refocus && inside) find("summary", menu).focus();
  }
}

/* The clipboard is there on secure addresses only; elsewhere the text is selected and copied the old way. */
async function copyText(button) {
  const from = document.getElementById(button.dataset.copy);
  const text = from.value ?? from.innerText.trim();
  getSelection().selectAllChildren(from);
  try {
    if (navigator.clipboard) await navigator.clipboard.writeText(text);
    else if (!document.execCommand("copy")) return;
  } catch {
    return; /* what is selected can be copied by keys */
  }
  button.textContent = button.dataset.done;
}

document.addEventListener("click", (event) => {
  const { target } = event;
  if (!target.closest("details.menu")) closeMenus();
  const opener = target.closest("[data-open]");
  if (opener) {
    closeMenus();
    openDialog(opener.dataset.open);
  }
  if (target instanceof HTMLDialogElement && target.open) target.close();
  if (target.closest("[data-print]")) print();
  const reveal = target.closest("[data-reveal]");
  if (reveal) {
    const field = document.getElementById(reveal.dataset.reveal);
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    reveal.setAttribute("aria-pressed", String(!shown));
  }
  const copy = target.closest("[data-copy]");
  if (copy) copyText(copy);
  if (target.closest("[data-close-toast]")) target.closest(".toast").remove();
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-keys-switch]")) store(KEYS_OFF, event.target.checked ? null : "1");
  if (event.target.matches(".list-day input")) event.target.classList.toggle("is-set", event.target.value !== "");
  const asksItself = window.htmx && event.target.hasAttribute("hx-get");
  if (event.target.matches("[data-sends]") && !asksItself) event.target.form.requestSubmit();
});

/* Suggested words are put into their field, or taken out; a row that was opened is typed into. */

const TYPED = "input:not([type=hidden]), select, textarea";
const wordsOf = (field) => field.value.split(",").map((word) => word.trim()).filter(Boolean);

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-word-of]");
  if (!button) return;
  const field = document.getElementById(button.dataset.wordOf);
  const words = wordsOf(field);
  const left = words.filter((word) => word.toLowerCase() !== button.textContent.toLowerCase());
  field.value = (left.length < words.length ? left : [...words, button.textContent]).join(", ");
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

/* Whoever opens fields goes on in them; those that come open with a part of the page take nobody away from another. */
let opening = null;

document.addEventListener("click", ({ target }) => {
  opening = target.closest("summary")?.parentElement ?? null;
});

document.addEventListener(
  "toggle",
  (event) => {
    if (event.target !== opening) return;
    if (event.target.matches("details.another[open], details.in-place[open]")) find(TYPED, event.target)?.focus();
  },
  { capture: true },
);

/* Theme: shown at once, and kept without leaving the page. */

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-theme-form]") || !event.submitter) return;
  event.preventDefault();
  const theme = event.submitter.value;
  keepTheme(event.target, theme);
  if (theme === "auto") delete root.dataset.theme;
  else root.dataset.theme = theme;
  for (const button of findAll("[data-theme-form] button")) {
    button.setAttribute("aria-pressed", String(button.value === theme));
  }
});

async function keepTheme(form, theme) {
  const sent = new URLSearchParams(new FormData(form));
  sent.set("theme", theme);
  try {
    const answer = await fetch(form.action, { method: "POST", body: sent, headers: { "X-Stays": "1" } });
    if (answer.status >= 400) sayUnreachable();
  } catch {
    sayUnreachable();
  }
}

/* A form is sent once: a second submit while the first is in flight does nothing. */

function release(form) {
  delete form.dataset.sending;
  for (const button of findAll("button[data-held]", form)) {
    button.disabled = false;
    delete button.dataset.held;
  }
}

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (form.method !== "post" || form.matches("[data-theme-form]")) return;
    if (form.dataset.sending) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.dataset.sending = "1";
    setTimeout(() => {
      for (const button of findAll("button:not([type=button], :disabled)", form)) {
        button.disabled = true;
        button.dataset.held = "1";
      }
    });
  },
  { capture: true },
);

addEventListener("pageshow", () => findAll("form[data-sending]").forEach(release));

/* Asked whether to leave, somebody stays, or sends it anew. */
document.addEventListener(
  "close",
  (event) => {
    if (event.target.id === "leave") findAll("form[data-sending]").forEach(release);
  },
  { capture: true },
);

/* Requests by htmx: progress after 300 ms, focus after a swap, words when no answer came. */

const PROGRESS_MS = 300;
const inFlight = new Map();

document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.detail.elt.closest("form");
  /* The answer to the form itself has all that a part of it would ask for. */
  if (form?.dataset.sending && form !== event.detail.elt) return event.preventDefault();
  const timer = setTimeout(() => {
    find("#progress").hidden = false;
    root.setAttribute("aria-busy", "true");
  }, PROGRESS_MS);
  inFlight.set(event.detail.xhr, timer);
});

document.addEventListener("htmx:afterRequest", (event) => {
  clearTimeout(inFlight.get(event.detail.xhr));
  inFlight.delete(event.detail.xhr);
  if (inFlight.size === 0) {
    const bar = find("#progress");
    if (bar) bar.hidden = true;
    root.removeAttribute("aria-busy");
  }
  if (event.detail.elt.matches?.("form")) release(event.detail.elt);
});

/* Nobody waits for the answer to a part that is no more on the page. */
document.addEventListener("htmx:beforeCleanupElement", ({ target }) => {
  if (target.matches?.("[hx-trigger]")) htmx.trigger(target, "htmx:abort");
});

/* A part that is asked for by itself, while somebody types, shows good answers only: no error, and no way to the door. */
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { elt, xhr } = event.detail;
  if (elt.matches("[data-quiet]") && (xhr.status !== 200 || xhr.getResponseHeader("HX-Redirect"))) event.preventDefault();
});

/* Why nothing was done has been read when the page changes. */
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id === "page") findAll(".toast[data-stays]").forEach((toast) => toast.remove());
});

/* What was done before is no answer to what was sent now: a new answer takes its toast away. */
document.addEventListener("htmx:beforeSwap", ({ detail: { requestConfig } }) => {
  if (requestConfig?.verb !== "get") findAll(".toast").forEach((toast) => toast.remove());
});

/* A refused post stays on the address of the page it was typed on. */
document.addEventListener("htmx:beforeHistoryUpdate", (event) => {
  const { history, xhr, requestConfig } = event.detail;
  if (xhr.status >= 400 && requestConfig.verb !== "get") {
    history.type = "replace";
    history.path = location.pathname + location.search;
  }
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id !== "page") return;
  const page = event.target;
  const goal = find("[aria-invalid=true]", page) ?? find("[autofocus], [data-ready]", page) ?? find("h1", page);
  goal?.focus({ preventScroll: goal.matches("h1, [data-ready]") });
  if (!goal?.matches("[aria-invalid=true], [tabindex='-1'][autofocus]") || find(".callout[role=alert]", goal.form ?? goal)) return;
  /* Later, since htmx scrolls to the top of the page once this event is over. */
  queueMicrotask(() => (goal.closest(".field") ?? goal).scrollIntoView({ block: "nearest" }));
});

/* What Enter does at once has the focus; the page still begins at its top. */
if (document.activeElement === document.body) find("[data-ready]")?.focus({ preventScroll: true });

/* Whoever was at work in a part that is swapped goes on in it, or where it says. */
let working = false;

document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
  working = target.id !== "page" && target.contains(document.activeElement);
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (!working || event.target.id === "page" || document.activeElement !== document.body) return;
  const { next } = event.target.dataset;
  const goal = next ? find(next) : (find("[data-ready]", event.target) ?? find(`${TYPED}, button, a[href]`, event.target));
  goal?.focus({ preventScroll: true });
});

for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(name, (event) => {
    const status = event.detail.xhr?.status ?? 0;
    if (![400, 403, 404, 405, 409, 413, 422, 429, 500, 503].includes(status)) sayUnreachable();
  });
}

function sayUnreachable() {
  const shown = find("#unreachable");
  if (!shown) return;
  find("#toasts").replaceChildren(shown.content.cloneNode(true));
  letToastsGo();
}

/* Toasts leave by themselves, but not while pointed at or focused, and Undo stays longer. */

const TOAST_MS = 5000;
const UNDO_MS = 20000;
const region = () => find("#toasts");
let toastTimer = 0;

function letToastsGo() {
  clearTimeout(toastTimer);
  const toast = region() && find(".toast:not([data-stays])", region());
  if (!toast) return;
  toastTimer = setTimeout(() => {
    if (region().matches(":hover, :focus-within") || document.hidden) letToastsGo();
    else toast.remove();
  }, toast.matches("[data-undo]") ? UNDO_MS : TOAST_MS);
}

/* Tabs scroll sideways on narrow screens: the current one is brought into view. */

/* The address typed at the door goes along to where a forgotten password is asked for. */

const CARRIED = "carried-email";

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-carry]");
  if (link) sessionStorage.setItem(CARRIED, document.getElementById(link.dataset.carry).value);
});

const asked = find("#forgotten-email");
if (asked && !asked.value) asked.value = sessionStorage.getItem(CARRIED) ?? "";
if (asked) sessionStorage.removeItem(CARRIED);

const showTab = () => {
  for (const tab of findAll(".subnav [aria-current], .tabs [aria-current]")) {
    const list = tab.closest(".subnav ul, .tabs");
    if (list.scrollWidth > list.clientWidth) {
      list.scrollLeft = tab.offsetLeft - list.offsetLeft - (list.clientWidth - tab.offsetWidth) / 2;
    }
  }
};

document.addEventListener("htmx:afterSettle", showTab);
showTab();

document.addEventListener("htmx:afterSettle", letToastsGo);
letToastsGo();
