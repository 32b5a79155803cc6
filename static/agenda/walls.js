/**
 * What the wall shows, and when. The heights of a day's board are minutes that pass; those of a week's are minutes on the
 * wall, and each column says what its own wall shows when: where the clocks change, a height there is two moments or none.
 */

const DAY_MINUTES = 1440;
const DAY_MS = DAY_MINUTES * 60_000;

const piecesOf = (element) => element.dataset.walls.split(" ").map((pair) => pair.split(":").map(Number));
const boardOf = (column) => column.closest(".board");
const measured = (column) => (column.dataset.walls ? column : boardOf(column));

/** In minutes since midnight of the first date, at minutes from the top of a board or column that says what it shows. */
export function wallAt(element, minute) {
  const pieces = piecesOf(element);
  const [start, shown] = pieces.findLast(([from]) => from <= minute) ?? pieces[0];
  return shown + minute - start;
}

/** The moments (minutes since the epoch) at which a column's wall shows what stands at a height: one, two, or none. */
export function momentsAt(column, minute) {
  const first = Number(measured(column).dataset.top);
  if (!column.dataset.walls) return [first + minute];
  const wall = wallAt(boardOf(column), minute);
  const pieces = piecesOf(column);
  return pieces.flatMap(([from, shown], index) => {
    const at = from + wall - shown;
    return at >= from && at < (pieces[index + 1]?.[0] ?? Infinity) ? [first + at] : [];
  });
}

/** Minutes that pass between two heights of a column; null where the clocks do not say. */
export function minutesBetween(column, from, until) {
  const [starts, ends] = [momentsAt(column, from), momentsAt(column, until)];
  return starts.length === 1 && ends.length === 1 ? ends[0] - starts[0] : null;
}

/** What a column's wall shows at a moment, in minutes since midnight of its date. */
export const wallOf = (column, moment) => wallAt(measured(column), moment - Number(measured(column).dataset.top));

/** The time at a moment in words; what the wall of a day shows twice says which of the two it is. */
export function timeOf(column, moment) {
  const shows = measured(column);
  const pieces = piecesOf(shows);
  const minute = moment - Number(shows.dataset.top);
  const index = Math.max(pieces.findLastIndex(([from]) => from <= minute), 0);
  const shown = wallAt(shows, minute);
  const [before, after] = [pieces[index - 1], pieces[index + 1]];
  const turn = after && shown >= after[1] ? 0 : before && shown < before[1] + pieces[index][0] - before[0] ? 1 : null;
  return turn === null ? clock(shown) : said(boardOf(column).dataset.twice.split("|")[turn], shown);
}

/** The same of a height, also where it is two moments or none. */
export function timeAt(column, minute) {
  const moments = momentsAt(column, minute);
  if (moments.length === 1) return timeOf(column, moments[0]);
  return said(boardOf(column).dataset.unsure.split("|")[moments.length && 1], wallAt(boardOf(column), minute));
}

const said = (words, wall) => words.replace("%", clock(wall));
const pad = (value) => String(value).padStart(2, "0");

export function clock(wall) {
  const minute = ((wall % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES;
  return `${Math.floor(minute / 60)}:${pad(minute % 60)}`;
}

/** The date of a minute that the wall shows, counted from midnight of another date. */
export const dateOf = (first, wall) =>
  new Date(Date.parse(`${first}T00:00:00Z`) + Math.floor(wall / DAY_MINUTES) * DAY_MS).toISOString().slice(0, 10);
