"""The first page: its weight by request, the server's time for it, and what a step of playback costs in the browser.

python benchmarks/page.py [--path "/?as_of=2025-11-06"]
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))
from screenshots import ARGS, CHROMIUM, served

HEAVIEST, SLOWEST, FRAME = 120_000, 100.0, 16.0  # bytes, milliseconds, milliseconds
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


def weights(address: str, path: str) -> dict[str, int]:
    """Bytes on the wire of every request of a first visit."""
    found: dict[str, int] = {}
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
            lambda event: found.update({urls[event["requestId"]]: int(event["encodedDataLength"])}),
        )
        page.goto(address + path)
        page.wait_for_timeout(1500)
        browser.close()
    return {url.removeprefix(address): size for url, size in found.items() if url.startswith(address)}


def timed(ask: Callable[[], object], times: int) -> list[float]:
    """Milliseconds of each of many calls."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        ask()
        found.append((time.perf_counter() - start) * 1000)
    return found


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


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--path", default="/?as_of=2025-11-06")
    path = asked.parse_args().path
    with served() as address, httpx.Client(base_url=address) as client:
        cold = timed(lambda: client.get(path), 1)[0]
        by_request = weights(address, path)
        for name, size in sorted(by_request.items(), key=lambda item: -item[1]):
            print(f"{size:8,} B  {name}")
        total = sum(by_request.values())
        print(f"{total:8,} B  in all, of at most {HEAVIEST:,}: {'good' if total <= HEAVIEST else 'TOO MUCH'}")
        warm = timed(lambda: client.get(path), 40)
        others = [f"/?as_of={year}-07-01&subject=AM-TR" for year in range(1990, 2026)]
        fresh = [timed(lambda each=each: client.get(each), 1)[0] for each in others]  # type: ignore[misc]
        print(f"first view, first visitor after a start: {cold:.0f} ms")
        print(f"first view, the same again: {spread(warm)}; of at most {SLOWEST:.0f} ms")
        print(f"first view, 36 other dates with a panel: {spread(fresh)}")
        for view in ("map", "timelines"):
            took, whole = steps(address, f"{path}&view={view}")
            print(f"a step of playback, {view}: {spread(took)}, of at most {FRAME:.0f} ms")
            print(f"    with style and layout: {spread(whole)}")
    print(f"on {os.cpu_count()} cores, shared")


if __name__ == "__main__":
    main()
