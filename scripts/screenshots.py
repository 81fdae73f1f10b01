"""Pictures of every view, for the README and for a look before and after a change of styles: docs/img/*.png.

    python scripts/screenshots.py [--only NAME] [--url http://127.0.0.1:8000]

Draws the record in events/ by a server of its own unless an address is given. Needs Debian's chromium and playwright,
and pngquant to make the pictures small.
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import uvicorn
from playwright.sync_api import Browser, sync_playwright

from tracker import serve
from tracker.settings import Settings

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "img"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
MAX_BYTES, MAX_BYTES_OF_ALL = 300_000, 2_500_000
WIDE, PHONE = (1440, 900), (390, 844)


class Shot(NamedTuple):
    """A picture."""

    name: str
    path: str
    size: tuple[int, int] = WIDE
    dark: bool = False


SHOTS = [
    Shot("map", "/?as_of=2025-11-06&subject=ru-az-ge-am"),
    Shot("map-dark", "/?as_of=2025-10-28&subject=tr-am-az", dark=True),
    Shot("map-phone", "/?as_of=2025-11-06", PHONE),
    Shot("map-then", "/?as_of=1990-01-15&announced_by=1990-01-15"),
    Shot("timelines", "/?as_of=2025-11-06&view=timelines&from=2019-06-01&to=2026-07-01&mode=road,rail"
         "&traffic=goods,people&kind=corridor"),
    Shot("timelines-dark", "/?as_of=2023-08-15&view=timelines&subject=lachin", dark=True),
    Shot("timelines-phone", "/?as_of=2025-11-06&view=timelines", PHONE),
    Shot("table", "/?as_of=2025-11-06&view=table"),
    Shot("table-phone", "/?as_of=2025-11-06&view=table", PHONE, dark=True),
    Shot("subject", "/subjects/az-am-nx?as_of=2025-11-06"),
    Shot("subject-phone", "/subjects/margara?as_of=2025-10-28", PHONE),
    Shot("announcement", "/announcements/pashinyan-lifts-armenian-transit-restrictions"),
    Shot("announcements", "/announcements?q=wheat"),
    Shot("announcements-phone", "/announcements", PHONE, dark=True),
    Shot("promises", "/promises?as_of=2025-11-06"),
    Shot("promises-dark", "/promises?as_of=2025-11-06&status=overdue", dark=True),
    Shot("difference", "/difference?before_as_of=2025-10-20&as_of=2025-11-06"),
    Shot("routes", "/routes?from=RU&to=AM&mode=rail&goods=1001&as_of=2025-10-25"),
]  # fmt: skip


@contextmanager
def served() -> Iterator[str]:
    """The address of a server of the record in events/."""
    settings = Settings(events=ROOT / "events", access_log=False)
    app = serve.create(settings, now=lambda: datetime(2026, 6, 1, tzinfo=UTC))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
        threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True).start()
        while not server.started:
            time.sleep(0.05)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True


def take(browser: Browser, address: str, shot: Shot) -> int:
    """One picture; its size in bytes."""
    width, height = shot.size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=1.5 if shot.size == PHONE else 1,
        color_scheme="dark" if shot.dark else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(address + shot.path)
    page.wait_for_timeout(900)
    path = FOLDER / f"{shot.name}.png"
    page.screenshot(path=path)
    context.close()
    if shutil.which("pngquant"):
        command = ["pngquant", "--force", "--speed", "1", "--strip", "--nofs", "--output", str(path), "256", str(path)]
        subprocess.run(command, check=True)
    return path.stat().st_size


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", help="the name of one picture")
    parser.add_argument("--url", help="a server that is running")
    options = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    shots = [shot for shot in SHOTS if options.only in (None, shot.name)]
    with served() as own, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        sizes = {shot.name: take(browser, options.url or own, shot) for shot in shots}
    for name, size in sizes.items():
        print(f"{size / 1000:7.0f} kB  {name}{'  TOO BIG' if size > MAX_BYTES else ''}")
    print(f"{sum(sizes.values()) / 1000:7.0f} kB  in all")
    return int(any(size > MAX_BYTES for size in sizes.values()) or sum(sizes.values()) > MAX_BYTES_OF_ALL)


if __name__ == "__main__":
    sys.exit(main())
