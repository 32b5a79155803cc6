/** What stands on the agenda's page, and where: positions are classes of a grid (see console/grid.py). */

export const UNIT_MINUTES = 5;
export const STOPS = ".b, .free > button";
export const HEADS = ".head > a, .head summary";
export const BOARD = `.board :is(${STOPS}, ${HEADS})`;
export const DAYS = ".strip a";

export const find = (selector, within = document) => within.querySelector(selector);
export const findAll = (selector, within = document) => [...within.querySelectorAll(selector)];

/** The number that a class of the grid gives: 12 of `t12` for the letter t. */
export function number(element, letter) {
  const name = [...element.classList].find((one) => one[0] === letter && /^\d+$/.test(one.slice(1)));
  return name ? Number(name.slice(1)) : null;
}

export function setNumber(element, letter, value) {
  element.classList.remove(`${letter}${number(element, letter)}`);
  element.classList.add(`${letter}${value}`);
}

export const top = (element) => number(element, "t") ?? 0;
export const bottom = (element) => top(element) + (number(element, "h") ?? 1);

export const columns = () => findAll(".board .col");

/** What one can stand on in a column, in the order of time. */
export const stops = (column) => findAll(STOPS, column).sort((one, other) => top(one) - top(other));

/** The stop of the nearest column on that side which has any, nearest to a height. */
export function beside(column, step, at) {
  const all = columns();
  for (let index = all.indexOf(column) + step; all[index]; index += step) {
    const there = stops(all[index]);
    if (there.length) return there.reduce((best, one) => (Math.abs(top(one) - at) < Math.abs(top(best) - at) ? one : best));
  }
  return null;
}

/** Of which booking something is: itself, or a tail. */
export const idOf = (one) => one.dataset.b?.split(" ")[0] ?? one.dataset.of ?? null;
export const blockOf = (id) => findAll(".board .b").find((one) => idOf(one) === id);
