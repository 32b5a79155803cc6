/** Keys as every part of the console reads them. Letters are read by place where the layout is not Latin. */

export const KEYS_OFF = "keys-off";

export const latin = (event) => (/^[a-z]$/i.test(event.key) ? event.key : event.code.replace(/^Key/, "")).toLowerCase();

export const typing = (target) => target.closest?.("input, textarea, select, [contenteditable], dialog") !== null;

export const plain = (event) =>
  !(event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.isComposing);

export function stored(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
