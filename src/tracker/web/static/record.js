// The record as the server packs it: what was so, by lane, whole in memory. A step is a binary search per lane.
import { query } from "./address.js";

const CLOSE = 1 - 1e-6; // a date means the close of that day

export class Timeline {
  constructor(body) {
    Object.assign(this, body);
    this.byId = new Map(body.subjects.map(([id, kind, name, lanes]) => [id, { id, kind, name, lanes }]));
    this.spoken = body.announcements.map(([, day]) => day);
    const turned = body.tracks.flatMap(([times]) => times).filter((day) => day !== null);
    const [low, high] = body.span;
    this.events = [...new Set([...this.spoken, ...turned].map(Math.floor))].filter((d) => d >= low && d <= high).sort((a, b) => a - b);
    this.promised = new Map();
    for (const [begin, end, at] of body.pledges)
      for (const id of at) this.promised.set(id, [...(this.promised.get(id) ?? []), [begin, end ?? Infinity]]);
  }

  /** Which turn of a track the close of a day comes after; -1 before the first. */
  turn(track, day) {
    const times = this.tracks[track][0], limit = day + CLOSE;
    let low = 0, high = times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((times[middle] ?? -Infinity) <= limit) low = middle + 1; else high = middle;
    }
    return low - 1;
  }

  code(track, day) {
    const turn = this.turn(track, day);
    return turn < 0 ? -1 : this.tracks[track][1][turn];
  }

  word(code) { return this.statuses[code] ?? "none"; }

  /** The soonest turn that had been announced by a day for later; -1 where there is none. */
  ahead(track, day) {
    const [times, , , said] = this.tracks[track];
    for (const turn in said) if (said[turn] < day + 1 && times[turn] >= day + 1) return +turn;
    return -1;
  }

  lanes(id, filter) {
    return (this.byId.get(id)?.lanes ?? []).filter(([mode, traffic]) => filter.modes.has(mode) && filter.traffics.has(traffic));
  }

  isPromised(id, day) { return (this.promised.get(id) ?? []).some(([begin, end]) => begin < day + 1 && day < end); }

  before(day) { return this.events.findLast((each) => each < day); }
  after(day) { return this.events.find((each) => each > day); }
}

/** The timeline of a state of knowledge. */
export async function load(view, signal) {
  const response = await fetch(`/data/timeline.json${query(view, ["announced_by", "recorded_by", "goods", "origin", "destination"])}`, { signal });
  if (!response.ok) throw new Error((await response.text()).match(/class="lede">([^<]*)/)?.[1] ?? response.statusText);
  return new Timeline(await response.json());
}

/** Modes and traffic that a view lets through. */
export const filterOf = (view) => ({ modes: new Set(view.mode.split(",")), traffics: new Set(view.traffic.split(",")) });

/** A piecewise straight line from days to units, and back. */
export class Scale {
  constructor([days, units]) { this.days = days; this.units = units; }

  x(day) { return along(this.days, this.units, day); }
  day(x) { return along(this.units, this.days, x); }
}

function along(from, to, value) {
  let low = 0, high = from.length - 2;
  while (low < high) { const middle = (low + high + 1) >> 1; if (from[middle] <= value) low = middle; else high = middle - 1; }
  const share = Math.min(1, Math.max(0, (value - from[low]) / (from[low + 1] - from[low] || 1)));
  return to[low] + share * (to[low + 1] - to[low]);
}
