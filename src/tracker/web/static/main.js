// The dashboard: what is looked at is one object, `view`; every change goes through `changed`.
import "./page.js";
import { query, read, write } from "./address.js";
import { Clock } from "./clock.js";
import { dayOf, textOf } from "./dates.js";
import { follow } from "./live.js";
import { paint, prepare, words } from "./paint.js";
import { calmly, draw } from "./panel.js";
import { load } from "./record.js";
import * as sheet from "./zoom.js";

const $ = (selector) => document.querySelector(selector);
const canvas = $("#canvas"), panel = $("#panel"), tip = $("#tip"), stage = $("#main"), filters = $("#filters");
let view = read(), timeline, clock, loading;

const refreshPanel = calmly(() => draw("panel", panel, view), 450);
/** What the server alone can draw: tables, and statuses where hours tell a day or an instant from its period. */
const refreshCanvas = calmly(() => (view.view === "table" || (timeline.hours && !clock.playing)) && drawCanvas(), 450);

/** The day has moved, or the window. */
function moved(what) {
  paint(timeline, clock.day);
  $("[data-heading]").textContent = textOf(clock.day);
  if (!clock.playing) document.title = `${textOf(clock.day)} · tracker`;
  write(view);
  if (what === "scale" && view.view === "timelines") drawCanvas();
  refreshPanel();
  refreshCanvas();
}

async function drawCanvas() {
  stage.dataset.view = view.view;
  if (!(await draw(view.view, canvas, view))) return;
  ready();
}

/** A new drawing is on the canvas: take hold of it. */
function ready() {
  prepare(timeline, view);
  sheet.hold($("#map"));
  clock.layOut();
  paint(timeline, clock.day, timeline.hours && !clock.playing);
  mark();
}

function mark() {
  for (const node of document.querySelectorAll("#canvas [data-id]")) node.dataset.id === view.subject ? node.setAttribute("aria-current", "true") : node.removeAttribute("aria-current");
}

function choose(id) {
  if (id === view.subject) return;
  view.subject = id;
  mark();
  write(view, { push: true });
  draw("panel", panel, view).then(() => { panel.scrollTop = 0; });
  if (id && innerWidth <= 900) panel.scrollIntoView({ block: "start", behavior: "smooth" });
}

async function show(name) {
  view.view = name;
  for (const node of document.querySelectorAll("[data-view]:not(main)")) node.toggleAttribute("aria-current", node.dataset.view === name);
  write(view, { push: true });
  await drawCanvas();
}

const FLOW = ["goods", "only", "origin", "destination", "announced_by", "recorded_by"];
let flow = {}; // as it was last understood

/** Another state of knowledge, or flow: other timelines. */
async function reload() {
  loading?.abort();
  loading = new AbortController();
  canvas.classList.add("loading");
  try {
    timeline = clock.timeline = await load(view, loading.signal);
    flow = Object.fromEntries(FLOW.map((name) => [name, view[name]]));
    await Promise.all([drawCanvas(), draw("panel", panel, view)]);
  } catch (error) {
    if (error.name === "AbortError") return;
    toast(error.message);
    Object.assign(view, flow); // what is refused leaves no trace in the address
    badge();
    write(view);
  } finally { canvas.classList.remove("loading"); }
}

/** Every clock of knowledge that is set; ViewParams.knowledge writes the same. */
function badge() {
  const set = [view.announced_by && `${view.announced_by} (said)`, view.recorded_by && `${view.recorded_by} (stored)`].filter(Boolean);
  $("[data-known]").textContent = set.join(", ") || "now";
  $("[data-known]").classList.toggle("past", set.length > 0);
}

function filtered() {
  const given = new FormData(filters), before = query(view, FLOW);
  for (const name of ["mode", "traffic"]) view[name] = given.getAll(name).filter((value) => !value.includes(",")).join(",") || view[name];
  const goods = (given.get("goods") ?? "").trim();
  if (!/^(\d{2,10})?$/.test(goods)) { toast("Goods: 2 to 10 digits of the HS code, such as 1001 for wheat"); return; }
  for (const name of FLOW) view[name] = (given.get(name) ?? "").trim();
  for (const name of ["overlay", "routes"]) { view[name] = given.getAll(name).includes("1") ? "1" : "0"; stage.toggleAttribute(`data-${name}`, view[name] === "1"); }
  badge();
  write(view, { push: true });
  if (query(view, FLOW) !== before) { reload(); return; }
  prepare(timeline, view);
  paint(timeline, clock.day);
  refreshPanel();
  if (view.view !== "map" || timeline.hours) drawCanvas();
}

function toast(text, href) {
  const node = $("#toast");
  node.replaceChildren(text);
  if (href) { const link = document.createElement("a"); link.href = href; link.textContent = " Show"; node.append(link); }
  node.hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { node.hidden = true; }, 9000);
}

function hover(item, event) {
  tip.hidden = !item;
  if (!item || !timeline) return;
  item.setAttribute("href", `/${query({ ...view, subject: item.dataset.id })}`); // a new tab shows the same day
  const subject = timeline.byId.get(item.dataset.id), name = document.createElement("b");
  name.textContent = subject.name;
  const lines = words(timeline, view, subject.id, clock.day);
  const ahead = item.dataset.ahead ? [`announced for later: ${item.dataset.ahead}`] : [];
  tip.replaceChildren(name, [...(lines.length ? lines : ["no such lane"]), ...ahead].join("\n"));
  const box = item.getBoundingClientRect(), x = event?.clientX ?? box.left + box.width / 2, y = event?.clientY ?? box.bottom;
  const wide = tip.offsetWidth, high = tip.offsetHeight;
  tip.style.transform = `translate(${Math.max(8, Math.min(x + 14, innerWidth - wide - 8))}px, ${Math.max(8, y + 18 + high > innerHeight ? y - high - 12 : y + 18)}px)`;
}

function listen() {
  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const item = event.target.closest("#canvas .it"), select = event.target.closest("[data-select]"), tab = event.target.closest("a[data-view]"), map = event.target.closest("[data-map]");
    if (item) choose(item.dataset.id);
    else if (select) { choose(select.dataset.select); if (!select.dataset.select) stage.focus({ preventScroll: true }); }
    else if (tab) show(tab.dataset.view);
    else if (map) ({ in: () => sheet.zoom(0.6), out: () => sheet.zoom(1 / 0.6), all: sheet.all })[map.dataset.map]();
    else if (event.target.closest("[data-help]")) $("#help").showModal();
    else if (event.target.closest("[data-then]")) { filters.elements.announced_by.value = textOf(clock.day); filtered(); }
    else return;
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => hover(event.target.closest(".it"), event));
  canvas.addEventListener("pointerleave", () => hover(null));
  canvas.addEventListener("focusin", (event) => hover(event.target.closest(".it:focus-visible")));
  canvas.addEventListener("focusout", () => hover(null));
  filters.addEventListener("change", (event) => { if (event.target.matches("[type=checkbox], [name=goods], select")) filtered(); });
  filters.addEventListener("submit", (event) => { event.preventDefault(); filtered(); });
  addEventListener("resize", sheet.apply);
  addEventListener("popstate", () => { location.reload(); });
  document.addEventListener("keydown", keys);
}

function keys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea, summary") || $("#help").open) return;
  const button = event.target.closest("button, a, [role=slider]");
  const acts = {
    ",": () => clock.step("-day"), ".": () => clock.step("day"), "<": () => clock.step("-event"), ">": () => clock.step("event"),
    "+": () => clock.zoom(0.5), "-": () => clock.zoom(2), 1: () => show("map"), 2: () => show("timelines"), 3: () => show("table"),
    "?": () => $("#help").showModal(), Escape: () => view.subject && choose(""),
  };
  if (event.key === " " && !button?.matches("button")) acts[" "] = () => clock.play();
  if (acts[event.key]) { acts[event.key](); event.preventDefault(); }
}

async function grown({ position, revision, problem }) {
  $("[data-problem]")?.remove(); // of an earlier state of the files
  if (problem) { toast(problem); return; }
  const known = new Set(timeline.announcements.map(([id]) => id));
  await reload();
  const [news] = timeline.announcements.filter(([id]) => !known.has(id)).slice(-1);
  const words = revision ? "The files have changed." : `The record has grown to position ${position}.`;
  toast(news ? `Recorded: ${news[3]}` : words, news && `/announcements/${encodeURIComponent(news[0])}`);
}

async function start() {
  sheet.hold($("#map"));
  if (innerWidth > 900 && canvas.clientWidth < 860) $(".legend").open = false; // it would lie on what it explains
  for (const node of document.querySelectorAll(".zoom, [data-help], [data-then]")) node.hidden = false;
  flow = Object.fromEntries(FLOW.map((name) => [name, view[name]]));
  try { timeline = await load(view); } catch (error) { toast(`The timeline could not be loaded: ${error.message}`); return; }
  clock = new Clock(timeline, view, dayOf(document.body.dataset.shown), moved);
  prepare(timeline, view);
  paint(timeline, clock.day, timeline.hours);
  listen();
  follow(+document.body.dataset.position, grown);
  document.documentElement.dataset.ready = "";
}

start();
