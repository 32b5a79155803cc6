/**
 * A shared desk goes to the door by itself once nobody has touched it for as long as its session lasts (`data-idle`, in
 * seconds). Touches keep the session. The server is asked before the page goes, since another tab may have been touched;
 * the wall clock goes on while a device sleeps, so a tab that wakes looks at once.
 */

const TOLD_EVERY = 60;
const TRY_AGAIN = 10;
const idle = Number(document.body.dataset.idle);
const now = () => Date.now() / 1000;

let timer = 0;
let until = 0;
let told = now();

function wait(seconds) {
  clearTimeout(timer);
  until = now() + seconds;
  timer = setTimeout(look, seconds * 1000);
}

function leave() {
  if (!document.dispatchEvent(new CustomEvent("idle:leave", { cancelable: true }))) return;
  location.replace(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
}

async function look() {
  wait(TRY_AGAIN);
  try {
    const answer = await fetch("/session", { redirect: "manual", cache: "no-store" });
    if (answer.type === "opaqueredirect") leave();
    else if (answer.ok) wait(parseInt(answer.headers.get("refresh"), 10));
  } catch {
    /* no answer: asked again soon */
  }
}

const lookIfLate = () => now() > until && look();

function touched() {
  if (now() > until) return look();
  if (now() - told < TOLD_EVERY) return;
  told = now();
  const headers = JSON.parse(document.body.getAttribute("hx-headers"));
  fetch("/session/touches", { method: "POST", headers }).catch(() => {});
}

if (idle) {
  wait(idle + 1);
  for (const name of ["keydown", "pointerdown", "wheel"]) addEventListener(name, touched, { passive: true });
  for (const name of ["focus", "pageshow"]) addEventListener(name, lookIfLate);
  document.addEventListener("visibilitychange", lookIfLate);
}
