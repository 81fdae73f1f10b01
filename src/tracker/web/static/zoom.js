// Looking closer at the map: wheel, buttons, drag. Symbols and names keep their size on the screen.
const NARROW = 620; // pixels
let map, full, box;

/** Take hold of a newly drawn map. */
export function hold(node) {
  map = node;
  if (!map) return;
  full ??= map.viewBox.baseVal.width ? { x: 0, y: 0, w: map.viewBox.baseVal.width, h: map.viewBox.baseVal.height } : null;
  box ??= home();
  apply();
  map.addEventListener("wheel", (event) => { if (event.ctrlKey || event.metaKey || map.classList.contains("zoomed")) { event.preventDefault(); zoom(event.deltaY > 0 ? 1.2 : 1 / 1.2, event); } }, { passive: false });
  map.addEventListener("pointerdown", drag);
}

/** Symbols are drawn in units of the sheet: how many of those is a pixel? */
export function apply() {
  if (!map?.isConnected) return;
  map.setAttribute("viewBox", `${box.x} ${box.y} ${box.w} ${box.h}`);
  const unit = Math.max(box.w / map.clientWidth, box.h / map.clientHeight) || 1;
  const small = map.clientWidth < NARROW ? 0.68 : 1;
  map.style.setProperty("--k", (unit * small).toFixed(4));
  map.classList.toggle("crowded", unit * small > 1.3); // names were placed for a sheet of its own size
  map.classList.toggle("zoomed", box.w < full.w - 1);
  for (const name of map.querySelectorAll(".names > g")) { // half a name says less than none
    const { e: x, f: y } = name.transform.baseVal[0].matrix, wide = name.textContent.length * 5.5 * unit * small, high = 12 * unit * small;
    name.setAttribute("visibility", x - wide > box.x && x + wide < box.x + box.w && y - high > box.y && y < box.y + box.h ? "visible" : "hidden");
  }
}

/** Zoom about a point, or the middle. */
export function zoom(factor, at) {
  if (!map) return;
  const point = at ? locate(at) : { x: box.x + box.w / 2, y: box.y + box.h / 2 };
  const w = Math.min(full.w, Math.max(full.w / 12, box.w * factor)), k = w / box.w;
  box = { x: point.x - (point.x - box.x) * k, y: point.y - (point.y - box.y) * k, w, h: box.h * k };
  keep();
}

export function all() { box = { ...full }; apply(); }

/** What is seen first: on a narrow screen the middle of things, so that symbols do not lie on one another. */
function home() {
  const close = map.dataset.close?.split(" ").map(Number);
  if (!close || map.clientWidth > NARROW) return { ...full };
  const [x, y, w, h] = close, high = Math.min(full.h, (w * map.clientHeight) / map.clientWidth);
  return { x, y: Math.max(0, Math.min(full.h - high, y + (h - high) / 2)), w, h: high };
}

function keep() {
  box.x = Math.min(Math.max(box.x, full.x), full.x + full.w - box.w);
  box.y = Math.min(Math.max(box.y, full.y), full.y + full.h - box.h);
  apply();
}

function locate(event) {
  const inverse = map.getScreenCTM().inverse();
  return new DOMPoint(event.clientX, event.clientY).matrixTransform(inverse);
}

function drag(down) {
  if (!map.classList.contains("zoomed") || down.button) return;
  const start = { ...box }, unit = box.w / map.clientWidth;
  let moved = false;
  const move = (event) => {
    const dx = event.clientX - down.clientX, dy = event.clientY - down.clientY;
    if (!moved && Math.hypot(dx, dy) < 4) return;
    moved = true;
    map.classList.add("dragging");
    box = { ...start, x: start.x - dx * unit, y: start.y - dy * unit };
    keep();
  };
  const up = () => {
    removeEventListener("pointermove", move);
    removeEventListener("pointerup", up);
    map.classList.remove("dragging");
    if (moved) addEventListener("click", (event) => { event.stopPropagation(); event.preventDefault(); }, { capture: true, once: true });
  };
  addEventListener("pointermove", move);
  addEventListener("pointerup", up);
}
