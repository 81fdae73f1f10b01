// Days are counted from 1970-01-01 by the dataset's own calendar; only the text form is ever shown.
const DAY = 86_400_000;

/** The number of a day written YYYY-MM-DD, or null. */
export function dayOf(text) {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text.trim());
  if (!match) return null;
  const at = Date.UTC(+match[1], +match[2] - 1, +match[3]);
  return textOf(at / DAY) === text.trim() ? at / DAY : null;
}

/** The reverse. */
export const textOf = (day) => new Date(Math.floor(day) * DAY).toISOString().slice(0, 10);

export const yearStart = (year) => Date.UTC(year, 0, 1) / DAY;
export const monthStart = (year, month) => Date.UTC(year, month, 1) / DAY;
export const yearOf = (day) => new Date(day * DAY).getUTCFullYear();
