// Parts of the page that the server draws: asked for again when what they show has changed.
import { query } from "./address.js";

const waiting = new Map();

/** Put a part of the page in its place; a newer question takes the place of an older one. */
export async function draw(part, slot, view) {
  waiting.get(slot)?.abort();
  const control = new AbortController();
  waiting.set(slot, control);
  slot.classList.add("loading");
  slot.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(`/fragment/${part}${query(view)}`, { signal: control.signal });
    const text = await response.text();
    if (control.signal.aborted) return false;
    const inside = slot.contains(document.activeElement);
    if (response.ok) slot.innerHTML = text; // the server's own page, escaped there; the policy lets no script in it run
    else slot.replaceChildren(note(text));
    if (inside && slot.tabIndex === -1) slot.focus({ preventScroll: true });
    return response.ok;
  } catch (error) {
    if (error.name !== "AbortError") slot.replaceChildren(note("The server does not answer. This page will try again."));
    return false;
  } finally {
    if (waiting.get(slot) === control) { waiting.delete(slot); slot.classList.remove("loading"); slot.removeAttribute("aria-busy"); }
  }
}

function note(text) {
  const node = document.createElement("p");
  node.className = "empty";
  node.textContent = /class="lede">([^<]*)/.exec(text)?.[1] ?? (text.length < 200 ? text : "This could not be drawn.");
  return node;
}

/** Call at most once in so many milliseconds, and once more at the end. */
export function calmly(what, pause) {
  let last = -Infinity, timer = 0;
  return () => {
    clearTimeout(timer);
    const rest = pause - (performance.now() - last);
    const run = () => { last = performance.now(); what(); };
    if (rest <= 0) run(); else timer = setTimeout(run, rest);
  };
}
