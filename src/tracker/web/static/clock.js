// The time machine: slider, steps, play, zoom. It owns the day and the window, and tells what has changed.
import { dayOf, monthStart, textOf, yearOf, yearStart } from "./dates.js";
import { Scale } from "./record.js";

const NARROWEST = 20; // days in the window
const SVG = "http://www.w3.org/2000/svg";

export class Clock {
  constructor(timeline, view, day, changed) {
    Object.assign(this, { timeline, view, day, changed, playing: false, speed: "30" });
    this.root = document.querySelector(".machine");
    this.slider = this.root.querySelector("#slider");
    this.field = this.root.querySelector("#as-of");
    this.note = this.root.querySelector("#date-note");
    for (const node of this.root.querySelectorAll("[hidden]:not(#date-note)")) node.hidden = false;
    this.listen();
    this.layOut();
  }

  get span() { return this.timeline.span; }
  get window() {
    const [low, high] = this.span;
    const from = dayOf(this.view.from) ?? low, to = dayOf(this.view.to) ?? high;
    return [Math.max(low, from), Math.min(high, Math.max(to, from + 1))];
  }
  get units() { const [from, to] = this.window; return [this.scale.x(from), Math.max(this.scale.x(to), this.scale.x(from) + 0.1)]; }

  /** Draw axis and strips for the window; steps do not come here. */
  layOut() {
    this.scale = new Scale(this.timeline.scales[this.view.scale]);
    const [west, east] = this.units, box = (high) => `${west} 0 ${east - west} ${high}`;
    this.root.querySelector(".ticks").setAttribute("viewBox", box(40));
    this.root.querySelector(".ticks path").setAttribute("d", this.ticks());
    for (const strip of document.querySelectorAll(".lanes .strip")) strip.setAttribute("viewBox", box(16));
    this.root.querySelector(".labels").replaceChildren(...this.labels(this.slider, 54));
    const years = document.querySelector(".years");
    years?.firstElementChild.replaceChildren(...this.labels(years, 17));
    this.shade("future", dayOf(this.timeline.today) + 1);
    if (this.timeline.covered !== null) this.shade("uncovered", this.timeline.covered);
    for (const node of this.root.querySelectorAll("[data-scale]")) node.toggleAttribute("aria-current", node.dataset.scale === this.view.scale);
    this.show();
  }

  /** Lay a shade over all timelines from a day on. */
  shade(name, day) {
    const [west, east] = this.units, at = Math.min(100, Math.max(0, ((this.scale.x(day) - west) / (east - west)) * 100));
    const rect = document.querySelector(`.over .${name}`);
    rect?.setAttribute("x", `${at}%`);
    rect?.setAttribute("width", `${100 - at}%`);
  }

  ticks() {
    const many = new Map();
    for (const day of this.timeline.spoken) many.set(Math.floor(day), (many.get(Math.floor(day)) ?? 0) + 1);
    return [...many].map(([day, number]) => `M${this.scale.x(day)} 40v-${Math.min(8 + 7 * number, 36)}`).join("");
  }

  labels(axis, y) {
    const [from, to] = this.window, [west, east] = this.units, wide = axis.clientWidth || 800, found = [];
    const place = (day, text, apart) => {
      const at = ((this.scale.x(day) - west) / (east - west)) * 100;
      const room = (apart / wide) * 100;
      if (at < 0 || at > 100 - (28 / wide) * 100 || found.some((each) => Math.abs(each.at - at) < room)) return;
      const node = document.createElementNS(SVG, "text");
      node.setAttribute("x", `${at.toFixed(2)}%`);
      node.setAttribute("y", y);
      node.textContent = text;
      found.push({ at, node });
    };
    const years = Array.from({ length: yearOf(to) - yearOf(from) + 2 }, (_, n) => yearOf(from) + n);
    for (const year of years) place(yearStart(year), String(year), 36);
    if (to - from < 3 * 366) for (const year of years) for (let month = 1; month < 12; month++) place(monthStart(year, month), textOf(monthStart(year, month)).slice(0, 7), 62);
    if (to - from < 100) for (let day = Math.ceil(from); day < to; day++) place(day, textOf(day).slice(5), 46);
    return found.map((each) => each.node);
  }

  /** Move the playhead; cheap enough for every frame. */
  show() {
    const [west, east] = this.units, at = `${Math.min(100, Math.max(0, ((this.scale.x(this.day + 0.5) - west) / (east - west)) * 100)).toFixed(3)}%`;
    this.slider.querySelector(".head").setAttribute("x", at);
    const now = document.querySelector(".over .now");
    if (now) { now.setAttribute("x1", at); now.setAttribute("x2", at); }
    const text = textOf(this.day);
    this.slider.setAttribute("aria-valuenow", this.day);
    this.slider.setAttribute("aria-valuetext", text);
    if (document.activeElement !== this.field) this.field.value = text;
  }

  /** Go to a day, and bring the window along if it would be left. */
  go(day) {
    const [low, high] = this.span, next = Math.min(high, Math.max(low, Math.round(day)));
    if (next === this.day) return;
    this.note.hidden = true;
    this.day = next;
    this.view.as_of = textOf(next);
    const [from, to] = this.window;
    if (next < from || next > to) this.slide(next < from ? next - from : next - to + (to - from) * 0.3);
    else this.show();
    this.changed();
  }

  slide(by) {
    const [from, to] = this.window, [low, high] = this.span;
    const shift = Math.max(low - from, Math.min(high - to, by));
    this.setWindow(from + shift, to + shift);
  }

  setWindow(from, to) {
    const [low, high] = this.span;
    this.view.from = from <= low ? "" : textOf(from);
    this.view.to = to >= high ? "" : textOf(Math.ceil(to));
    this.layOut();
  }

  /** Zoom about a day, in the units of the scale, so that crowded times widen as others do. */
  zoom(factor, about = this.day) {
    const [west, east] = this.units, [low, high] = this.span, at = Math.min(east, Math.max(west, this.scale.x(about)));
    let from = Math.max(low, this.scale.day(at - (at - west) * factor)), to = Math.min(high, this.scale.day(at + (east - at) * factor));
    if (to - from < NARROWEST) [from, to] = [about - NARROWEST / 2, about + NARROWEST / 2];
    this.setWindow(from, to);
    this.changed();
  }

  step(what) {
    const { day, timeline } = this;
    const next = { "-event": timeline.before(day), event: timeline.after(day), "-day": day - 1, day: day + 1 }[what];
    if (next !== undefined) this.go(next);
  }

  play(on = !this.playing) {
    if (on === this.playing) return;
    this.playing = on;
    document.body.classList.toggle("playing", on);
    const button = this.root.querySelector("[data-play]");
    button.setAttribute("aria-pressed", on);
    button.title = on ? "Pause (space)" : "Play (space)";
    button.querySelector(".quiet").textContent = on ? "Pause" : "Play";
    button.querySelector("path").setAttribute("d", on ? "M5.5 4h3v12h-3zM11.5 4h3v12h-3z" : "M6 3.5 16.5 10 6 16.5z");
    if (on && this.day >= this.span[1] - 1) this.go(this.window[0]);
    if (on) this.run(); else this.changed();
  }

  run() {
    let before = performance.now(), at = this.day;
    const frame = (now) => {
      if (!this.playing) return;
      if (Math.abs(at - this.day) > 1) at = this.day; // moved by hand meanwhile
      if (this.speed === "event") { if (now - before > 650) { before = now; this.step("event"); at = this.day; } }
      else { at += (Math.min(now - before, 100) / 1000) * +this.speed; before = now; this.go(Math.floor(at)); }
      if (this.day >= this.span[1] || (this.speed === "event" && this.timeline.after(this.day) === undefined)) this.play(false);
      else requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  listen() {
    const { root, slider, field } = this;
    root.addEventListener("click", (event) => {
      const at = (name) => event.target.closest(`[data-${name}]`);
      const step = at("step"), zoom = at("zoom"), scale = at("scale");
      if (step) this.step(step.dataset.step);
      else if (at("play")) this.play();
      else if (at("now")) this.go(dayOf(this.timeline.today));
      else if (zoom) zoom.dataset.zoom === "all" ? (this.setWindow(-Infinity, Infinity), this.changed()) : this.zoom(zoom.dataset.zoom === "in" ? 0.5 : 2);
      else if (scale) { this.view.scale = scale.dataset.scale; this.layOut(); this.changed("scale"); }
      else return;
      event.preventDefault();
    });
    root.querySelector("[data-speed]").addEventListener("change", (event) => { this.speed = event.target.value; });
    root.querySelector(".when").addEventListener("submit", (event) => { event.preventDefault(); this.typed(); });
    field.addEventListener("change", () => this.typed());
    const point = (event) => { const box = slider.getBoundingClientRect(), [west, east] = this.units; return this.scale.day(west + ((event.clientX - box.left) / box.width) * (east - west)); };
    slider.addEventListener("pointerdown", (event) => { slider.setPointerCapture(event.pointerId); slider.focus({ preventScroll: true }); this.go(point(event)); });
    slider.addEventListener("pointermove", (event) => { if (slider.hasPointerCapture(event.pointerId)) this.go(point(event)); });
    slider.addEventListener("wheel", (event) => { event.preventDefault(); if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) this.slide((this.window[1] - this.window[0]) * event.deltaX / 900); else this.zoom(event.deltaY > 0 ? 1.25 : 0.8, point(event)); }, { passive: false });
    slider.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.layOut()).observe(slider);
  }

  typed() {
    const day = dayOf(this.field.value), [low, high] = this.span;
    this.field.toggleAttribute("aria-invalid", day === null);
    if (day === null || day === this.day) return; // Enter is told twice: as a change, and as a form that is sent
    this.note.hidden = true;
    this.go(day);
    if (day >= low && day <= high) return;
    const [edge, word] = day < low ? [low, "first"] : [high, "last"];
    this.field.value = textOf(edge);
    this.note.textContent = `${textOf(day)} is outside the time shown: this is its ${word} day`;
    this.note.hidden = false;
  }

  key(event) {
    const [low, high] = this.span;
    const moves = {
      ArrowLeft: () => this.step(event.shiftKey ? "-event" : "-day"), ArrowRight: () => this.step(event.shiftKey ? "event" : "day"),
      ArrowDown: () => this.step("-day"), ArrowUp: () => this.step("day"),
      PageDown: () => this.go(this.day - 30), PageUp: () => this.go(this.day + 30), Home: () => this.go(low), End: () => this.go(high),
    };
    if (event.key in moves) { moves[event.key](); event.preventDefault(); }
  }
}
