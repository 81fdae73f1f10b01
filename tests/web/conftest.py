"""A real server on the real record, and on a small hostile one; a real browser where there is one."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.api.conftest import running
from tracker import serve
from tracker.queries.selection import Selection
from tracker.services.edited_files import EditedFiles
from tracker.services.live import Live
from tracker.services.records import Tracker
from tracker.settings import Settings
from tracker.web.timeline import Timeline

if TYPE_CHECKING:
    from playwright.sync_api import Browser

EVENTS = Path(__file__).parents[2] / "events"
CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def now() -> datetime:
    return datetime(2026, 6, 1, 12, tzinfo=UTC)


@contextmanager
def serving(**settings: Any) -> Iterator[str]:
    """The address of a server with these settings, on a fixed day."""
    with running(serve.create(Settings(access_log=False, read_rate=0, **settings), now)) as client:
        yield str(client.base_url).rstrip("/")


@pytest.fixture(scope="session")
def live() -> Live:
    return Live.of_files(EditedFiles(EVENTS, now, print))


@pytest.fixture(scope="session")
def tracker(live: Live) -> Tracker:
    return live.current()


@pytest.fixture(scope="session")
def timeline(tracker: Tracker) -> Timeline:
    return Timeline(tracker, tracker.clocks(None, None, None), Selection())


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """The address of a server of the real record."""
    with serving(events=EVENTS) as address:
        yield address


@pytest.fixture(scope="session")
def client(site: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site, timeout=60) as client:
        yield client


ATTACK = '<img src=x onerror="window.hacked=1"></script><script>window.hacked=1</script>\'"{{7*7}}'
HOSTILE = {
    "registry/all.toml": f"""
[dataset]
name = '''{ATTACK}'''
timezone = "+04:00"
[party]
AM = {{ name = '''{ATTACK}''', kind = "state" }}
TR = {{ name = "Turkey", kind = "state" }}
[territory]
AM = {{ name = '''{ATTACK}''', authority = "AM" }}
TR = {{ name = "Turkey", authority = "TR" }}
[border.AM-TR]
between = ["AM", "TR"]
crossings = "some"
modes = ["road"]
name = '''{ATTACK}'''
[crossing.margara]
border = "AM-TR"
modes = ["road"]
names = {{ en = '''{ATTACK}''' }}
location = [44.18, 40.03]
note = '''{ATTACK}'''
[corridor.road]
name = '''{ATTACK}'''
path = ["TR", "margara", "AM"]
modes = ["road"]
[measure.ban]
title = '''{ATTACK}'''
authority = "TR"
kind = "restriction"
level = "prohibited"
scope = {{ at = ["AM-TR"], only = ['''{ATTACK}'''] }}
[instrument.text]
title = '''{ATTACK}'''
""",
    "2025/attack.toml": f"""
announced = 2025-01-01
summary = '''{ATTACK}'''
note = '''{ATTACK}'''
by = [{{ party = "TR", name = '''{ATTACK}''', office = '''{ATTACK}''' }}]
source = [{{ publisher = '''{ATTACK}''', title = '''{ATTACK}''', url = "https://example.org/?\\"onmouseover=x" }}]
[[effect]]
type = "impose"
measure = "ban"
only = ['''{ATTACK}''']
[[effect]]
type = "pledge"
pledge = "words"
kind = "promise"
parties = ["TR"]
at = ["AM-TR"]
text = '''{ATTACK}'''
due = 2025-02-01
[[effect]]
type = "stage"
instrument = "text"
stage = "signed"
""",
    "2025/formula.toml": """
announced = 2025-01-02
summary = "=HYPERLINK(1)"
by = [{ party = "AM" }]
source = [{ publisher = "A paper" }]
""",
}


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of a record in which every text tries to break out."""
    folder = tmp_path_factory.mktemp("hostile") / "events"
    for name, text in HOSTILE.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    with serving(events=folder) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Debian's Chromium. Playwright runs an event loop in this thread, which must be gone before other modules run."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip(f"there is no Chromium at {CHROMIUM}: apt-get install chromium, or set CHROMIUM")
    with playwright.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The script of axe-core, from npm."""
    folder = Path(os.environ.get("AXE_FOLDER") or tmp_path_factory.mktemp("axe"))  # one a worker: npm cannot share
    script = folder / "node_modules" / "axe-core" / "axe.min.js"
    if not script.exists():
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), "axe-core@4"]
        try:
            subprocess.run(command, check=True, timeout=120, capture_output=True)
        except (OSError, subprocess.SubprocessError) as error:
            pytest.skip(f"axe-core cannot be had from npm: {error}")
    return script.read_text(encoding="utf-8")
