"""The pages: weight of a first visit, the server's time for a page and for a 304, the browser's for a step of playback.

python benchmarks/page.py [--path "/?as_of=2025-11-06"] [--server-only]
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))
from load import API_QUESTION, free_port, start, wait_for
from screenshots import ARGS, CHROMIUM

MAX_BYTES, MAX_PAGE_MS, MAX_STEP_MS = 120_000, 100.0, 16.0
OTHER_PAGES = ("/subjects/az-am-nx", "/announcements", "/promises", "/data/timeline.json")
STEPS = """async (days) => {
  const main = document.querySelector('script[src$="main.js"]').src;
  const { paint, prepare } = await import(main.replace('main.js', 'paint.js'));
  const { load } = await import(main.replace('main.js', 'record.js'));
  const { read } = await import(main.replace('main.js', 'address.js'));
  const timeline = await load(read()), took = [], whole = [];
  prepare(timeline, read());
  const [first, last] = timeline.span;
  for (let step = 0; step < days; step++) {
    const day = first + Math.floor((last - first) * step / days);
    await new Promise(requestAnimationFrame);
    const start = performance.now();
    paint(timeline, day);
    const painted = performance.now();
    document.querySelector('#map, .lanes').getBoundingClientRect();  // style and layout, too
    took.push(painted - start);
    whole.push(performance.now() - start);
  }
  return [took, whole];
}"""


@contextmanager
def server() -> Iterator[str]:
    """The address of a server of the record in events/, in a process of its own."""
    port = free_port()
    process = start(["tracker", "--events", "events", "serve", "--port", str(port)], {})
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def weights(address: str, path: str) -> dict[str, int]:
    """Bytes on the wire of every request of a first visit."""
    sizes: dict[str, int] = {}
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        page = browser.new_page()
        devtools = page.context.new_cdp_session(page)
        devtools.send("Network.enable")
        urls: dict[str, str] = {}
        devtools.on(
            "Network.requestWillBeSent", lambda event: urls.update({event["requestId"]: event["request"]["url"]})
        )
        devtools.on(
            "Network.loadingFinished",
            lambda event: sizes.update({urls[event["requestId"]]: int(event["encodedDataLength"])}),
        )
        page.goto(address + path)
        page.wait_for_timeout(1500)
        browser.close()
    return {url.removeprefix(address): size for url, size in sizes.items() if url.startswith(address)}


def timed(call: Callable[[], object], times: int) -> list[float]:
    """Milliseconds of each of many calls."""
    milliseconds = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        milliseconds.append((time.perf_counter() - start) * 1000)
    return milliseconds


def not_modified(client: httpx.Client, paths: Sequence[str]) -> dict[str, list[float]]:
    """By path: milliseconds of 304, for a client that holds the answer; in turns, so that all have equal chances."""
    tags = {path: client.get(path).headers["etag"] for path in paths}
    milliseconds: dict[str, list[float]] = {path: [] for path in paths}
    for _ in range(200):
        for path, tag in tags.items():
            start = time.perf_counter()
            answer = client.get(path, headers={"If-None-Match": tag})
            milliseconds[path].append((time.perf_counter() - start) * 1000)
            assert answer.status_code == 304
    return milliseconds


def steps(address: str, path: str) -> tuple[list[float], list[float]]:
    """Milliseconds of repainting, without and with style and layout."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        page: Page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(address + path)
        page.wait_for_selector("html[data-ready]", state="attached")
        took, whole = page.evaluate(STEPS, 600)
        browser.close()
    return took, whole


def spread(values: list[float]) -> str:
    ordered = sorted(values)
    late = ordered[int(len(ordered) * 0.99)]
    return f"median {statistics.median(ordered):.2f} ms, 99% {late:.2f} ms, worst {ordered[-1]:.2f} ms"


def in_the_server(client: httpx.Client, path: str) -> None:
    """Print the times of pages, drawn, kept and revalidated; the last beside the API's."""
    print(f"first view, first visitor after a start: {timed(lambda: client.get(path), 1)[0]:.0f} ms")
    print(f"first view, the same again: {spread(timed(lambda: client.get(path), 40))}")
    others = [f"/?as_of={year}-07-01&subject=AM-TR" for year in range(1990, 2026)]
    drawn = [timed(lambda other=other: client.get(other), 1)[0] for other in others]  # type: ignore[misc]
    print(f"first view, 36 other dates with a panel: {spread(drawn)}; of at most {MAX_PAGE_MS:.0f} ms")
    for name, milliseconds in not_modified(client, (API_QUESTION, path, *OTHER_PAGES)).items():
        print(f"304 of {name}: {spread(milliseconds)}")


def in_the_browser(address: str, path: str) -> None:
    """Print the weight of a first visit, and the times of a step of playback."""
    sizes = weights(address, path)
    for name, size in sorted(sizes.items(), key=lambda item: -item[1]):
        print(f"{size:8,} B  {name}")
    total = sum(sizes.values())
    print(f"{total:8,} B  in all, of at most {MAX_BYTES:,}: {'good' if total <= MAX_BYTES else 'TOO MUCH'}")
    for view in ("map", "timelines"):
        took, whole = steps(address, f"{path}&view={view}")
        print(f"a step of playback, {view}: {spread(took)}, of at most {MAX_STEP_MS:.0f} ms")
        print(f"    with style and layout: {spread(whole)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--path", default="/?as_of=2025-11-06")
    parser.add_argument("--server-only", action="store_true", help="leave out what needs Chromium")
    options = parser.parse_args()
    with server() as address, httpx.Client(base_url=address) as client:
        in_the_server(client, options.path)
        if not options.server_only:
            in_the_browser(address, options.path)
    print(f"on {os.cpu_count()} cores, shared")


if __name__ == "__main__":
    main()
