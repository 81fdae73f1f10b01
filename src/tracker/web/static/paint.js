// A step of the clock: only attributes change, and only those of what has changed.
import { filterOf } from "./record.js";

let items = [], rows = [], counts = [];

const set = (node, name, value) => {
  if (value === null || value === undefined) { if (node.hasAttribute(name)) node.removeAttribute(name); }
  else if (node.getAttribute(name) !== value) node.setAttribute(name, value);
};

/** Look up the nodes once for each drawing and filter, not once a step. */
export function prepare(timeline, view) {
  const filter = filterOf(view);
  items = [...document.querySelectorAll("#canvas .it")].map((node) => {
    const id = node.dataset.id, subject = timeline.byId.get(id);
    return {
      node, id, name: `${subject?.kind ?? ""} ${subject?.name ?? id}`, tracks: [...new Set(timeline.lanes(id, filter).map((lane) => lane[3]))],
      glyph: node.querySelector(".glyph"), flag: document.querySelector(`[data-flag="${CSS.escape(id)}"]`), key: "",
    };
  });
  rows = [...document.querySelectorAll(".lanes .row")].map((node) => {
    const lanes = timeline.byId.get(node.closest(".swim").dataset.id)?.lanes ?? [];
    const track = lanes[+node.dataset.tracks.split(",")[0]]?.[3];
    return { dot: node.querySelector(".dot"), word: node.querySelector(".quiet"), strip: node.querySelector(".strip"), track, code: null };
  }).filter((row) => row.track !== undefined);
  for (const row of rows) row.soon = outlines(timeline, view, row);
  const tracks = timeline.subjects.flatMap(([id]) => timeline.lanes(id, filter).map((lane) => lane[3]));
  counts = [...document.querySelectorAll("[data-count]")].map((node) => ({ node, code: timeline.statuses.indexOf(node.dataset.count), tracks }));
}

/** Outlines of what was announced in advance, shown from its announcement to its day. */
function outlines(timeline, view, row) {
  row.strip.querySelectorAll(".soon").forEach((node) => node.remove());
  const [times, , , said] = timeline.tracks[row.track];
  const bands = row.strip.querySelectorAll("rect");
  return Object.keys(said).filter((turn) => bands[turn]).map((turn) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    for (const [name, value] of [["class", "soon"], ["x", bands[turn].getAttribute("x")], ["width", bands[turn].getAttribute("width")], ["y", 1], ["height", 14], ["visibility", "hidden"]]) node.setAttribute(name, value);
    row.strip.append(node);
    return { node, said: said[turn], at: times[turn] };
  });
}

/** Show a day; of a drawing that the server made for it with regard to hours, the statuses stay. */
export function paint(timeline, day, drawn = false) {
  if (!drawn) for (const item of items) paintItem(timeline, item, day);
  for (const row of rows) {
    const code = timeline.code(row.track, day);
    if (!drawn && code !== row.code) { row.code = code; set(row.dot, "data-s", timeline.word(code)); row.word.textContent = `: ${timeline.word(code)}`; }
    for (const each of row.soon) set(each.node, "visibility", each.said < day + 1 && each.at >= day + 1 ? "visible" : "hidden");
  }
  if (!drawn && counts.length) paintCounts(timeline, day);
}

function paintItem(timeline, item, day) {
  let worst = 99, best = -1, ahead = -1, soonest = Infinity;
  for (const track of item.tracks) {
    const code = timeline.code(track, day);
    if (code >= 0 && code < worst) worst = code;
    if (code > best) best = code;
    const turn = timeline.ahead(track, day);
    if (turn >= 0 && timeline.tracks[track][0][turn] < soonest) { soonest = timeline.tracks[track][0][turn]; ahead = timeline.tracks[track][1][turn]; }
  }
  const promised = timeline.isPromised(item.id, day);
  const key = `${worst} ${best} ${ahead} ${promised}`;
  if (key === item.key) return;
  item.key = key;
  const off = best < 0, { node } = item, first = timeline.word(worst), last = timeline.word(best);
  node.classList.toggle("off", off);
  node.classList.toggle("two", !off && worst !== best);
  set(node, "data-s", off ? null : first);
  set(node, "data-b", off ? null : last);
  set(node, "data-ahead", ahead < 0 ? null : timeline.word(ahead));
  if (item.glyph && !off) set(item.glyph, "href", `#g-${first}`);
  const words = off ? "no such lane" : worst === best ? first : `${first} to ${last}`;
  set(node, "aria-label", `${item.name}: ${words}${ahead < 0 ? "" : `, announced: ${timeline.word(ahead)}`}${promised ? ", promised" : ""}`);
  if (item.flag) set(item.flag, "data-on", promised && !off ? "" : null);
}

function paintCounts(timeline, day) {
  const found = new Map();
  for (const track of counts[0].tracks) { const code = timeline.code(track, day); found.set(code, (found.get(code) ?? 0) + 1); }
  for (const { node, code } of counts) { const text = String(found.get(code) ?? 0); if (node.textContent !== text) node.textContent = text; }
}

/** The states of a subject's lanes in words, a line for those that are alike. */
export function words(timeline, view, id, day) {
  const lines = new Map();
  for (const [mode, traffic, direction, track] of timeline.lanes(id, filterOf(view))) {
    const word = timeline.word(timeline.code(track, day));
    const modes = lines.get(word) ?? new Map();
    const key = `${mode} · ${traffic}`;
    lines.set(word, modes.set(key, [...(modes.get(key) ?? []), direction]));
  }
  return [...lines].map(([word, modes]) => `${word}: ${[...modes].map(([key, ways]) => `${key} · ${ways.length > 1 ? "both ways" : ways[0]}`).join("; ")}`);
}
