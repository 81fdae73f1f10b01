// The whole view is in the address; what is as usual is left out of it. The names are those of url_params.py.
const USUAL = {
  as_of: "", announced_by: "", recorded_by: "", mode: "road,rail", traffic: "goods", goods: "", only: "", origin: "", destination: "",
  kind: "border,crossing,corridor", subject: "", view: "map", scale: "dense", from: "", to: "", overlay: "1", routes: "1",
  suppose: "",
};

/** The view that an address shows. */
export function read(search = location.search) {
  const given = new URLSearchParams(search);
  const view = { ...USUAL };
  for (const key of Object.keys(USUAL)) {
    const values = given.getAll(key).filter(Boolean);
    if (values.length) view[key] = [...new Set(values.join(",").split(","))].join(",");
  }
  for (const key of ["overlay", "routes"]) view[key] = view[key].startsWith("0") ? "0" : "1";
  return view;
}

/** The query of a view, with its question mark; only some of its keys if they are named. */
export function query(view, keys = Object.keys(USUAL)) {
  const pairs = keys.filter((key) => view[key] !== USUAL[key] && view[key]).map((key) => `${key}=${encode(view[key])}`);
  return pairs.length ? `?${pairs.join("&")}` : "";
}

const encode = (text) => encodeURIComponent(text).replaceAll("%2C", ",").replaceAll("%3A", ":");

let last = 0, waiting = 0;

/** Keep the address in step. A browser refuses more than a few changes a second, so quick ones wait. */
export function write(view, { push = false } = {}) {
  const put = () => {
    waiting = 0;
    last = performance.now();
    const address = `/${query(view)}`;
    if (address !== location.pathname + location.search) history[push ? "pushState" : "replaceState"](null, "", address);
  };
  clearTimeout(waiting);
  if (push || performance.now() - last > 400) put();
  else waiting = setTimeout(put, 400);
}
