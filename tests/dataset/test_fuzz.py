"""Fuzzing of the file reader: damaged files are told with their place, and what is let in can be answered from.

`make fuzz` runs the same laws for thousands of examples.
"""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from tests.dataset.test_hostile import ODD, WORDS
from tests.state.conftest import REGISTRY
from tracker.dataset.reader import read_statement
from tracker.dataset.validation import MAX_FINDINGS
from tracker.model.effects import EFFECTS
from tracker.model.errors import DatasetErrors
from tracker.queries.announcements import AnnouncementFilter, announcements
from tracker.queries.diff import diff
from tracker.queries.feeds import agenda
from tracker.queries.history import history
from tracker.queries.promises import promises
from tracker.queries.selection import Selection
from tracker.queries.state import state
from tracker.queries.why import why
from tracker.services import records

pytestmark = pytest.mark.slow

EVENTS = Path(__file__).parents[2] / "events"
REAL = sorted(EVENTS.glob("[12]*/*.toml"))
TOKENS = [
    b'"', b"'''", b'"""', b"[", b"]", b"[[", b"]]", b"{", b"}", b"=", b".", b",", b"#", b"\n", b"\r\n", b"\\", b"\\u",
    b"\0", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"inf", b"-nan", b"0x", b"1e999", b"9" * 400, b"true",
    b"2025-02-30", b"9999-12-31", b"0000-00-00", b"24:60:61", b"2025-01-01T00:00:00", b"2025-01-01T00:00:00-99:99",
    b'"2025-13"',
    b'"[2025-01-02..2025-01-01]"', b'"2025~"', b"[" * 40, b"{a=" * 40, b"a." * 40, b"\xe2\x80\xae", b"\xe2\x80\xa8",
]  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A file of the real record, with a few things done to it."""
    data = draw(st.sampled_from(REAL)).read_bytes()
    for _ in range(draw(st.integers(1, 4))):
        at, size = draw(st.integers(0, len(data))), draw(st.integers(0, 30))
        match draw(st.sampled_from(["cut", "twice", "put", "instead", "end"])):
            case "cut":
                data = data[:at] + data[at + size :]
            case "twice":
                data = data[: at + size] + data[at:]
            case "put":
                data = data[:at] + draw(st.sampled_from(TOKENS)) + data[at:]
            case "instead":
                data = data[:at] + draw(st.sampled_from(TOKENS)) + data[at + size :]
            case _:
                data = data[:at]
    return data


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=damaged())
def test_law_a_damaged_file_is_told_with_its_place(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "x.toml")
        path.write_bytes(data)
        statement, problems = read_statement(path)
    assert (statement is None) == bool(problems)
    assert len(problems) <= MAX_FINDINGS + 1
    lines = data.count(b"\n") + data.count(b"\r") + 1
    for problem in problems:
        assert problem.location.path.endswith("x.toml")
        assert 0 <= problem.location.line <= lines
        assert problem.message.isprintable()
        assert len(problem.message) < 2000


DAYS = [
    "2031-01-05", "2031-01-20", '"2031"', '"2031-01"', '"2031-01-10~"', '"[2031-01-05..2031-01-20]"', "1000-01-08",
    "8999-12-31", '"9000"', "2031-01-10T06:00:00+04:00", "2031-01-10T23:59:59.999999-23:59", "2031-01-05T00:00:00Z",
]  # fmt: skip
NAMED = {
    "measure": [
        "closure",
        "checks",
        "leave",
        "beta-closure",
        "wheat-ban",
        "siege",
        "transit-bar",
        "corridor-bar",
        "eastward",
    ],
    "at": ["A-B", "gate", "through", "descent", "C-D", "B"],
    "party": ["alpha", "beta", "rebels"],
    "by": ["alpha", "railway"],
    "parties": ["alpha", "beta"],
    "pledge": ["p", "q", "r"],
    "instrument": ["treaty", "treaty-annex"],
    "direction": ["A>B", "B>A", "B>C", "A>C", "D>B"],
    "origin": ["A", "B", "C"],
    "destination": ["A", "B", "C"],
    "level": ["prohibited", "restricted"],
    "modes": ["road", "rail"],
    "traffic": ["goods", "people"],
    "only": ["aid only", "lorries"],
    "hs": ["10", "1001"],
    "text": ["words"],
    "cargo": ["words"],
    "basis": ["declared", "reported", "observed"],
}
DATED = ("from", "last_day", "until", "due", "on")
LISTED = ("modes", "only", "origin", "destination", "parties")


@st.composite
def plausible(draw: st.DrawFn) -> str:
    """An effect whose values mostly fit."""
    kind = draw(st.sampled_from(sorted(EFFECTS)))
    table = {"type": f'"{kind}"'}
    for name, field in EFFECTS[kind].model_fields.items():
        key = field.alias or name
        if key == "type" or not (field.is_required() or draw(st.integers(0, 2)) == 0):
            continue
        words = st.sampled_from([f'"{word}"' for word in NAMED.get(key) or WORDS.get(key) or ["x"]])
        fitting = st.sampled_from(DAYS) if key in DATED else words
        if key in LISTED or (key in ("traffic", "at") and kind in ("exempt", "pledge")):
            fitting = st.lists(words, min_size=1, max_size=2, unique=True).map(lambda each: f"[{', '.join(each)}]")
        table[key] = draw(st.sampled_from(ODD) if draw(st.integers(0, 60)) == 0 else fitting)
    return "{ " + ", ".join(f"{key} = {value}" for key, value in table.items()) + " }"


@st.composite
def said(draw: st.DrawFn) -> str:
    effects = draw(st.lists(plausible(), min_size=1, max_size=2))
    by = draw(st.sampled_from(['{party = "alpha"}, {party = "beta"}, {party = "rebels"}', '{party = "press"}']))
    lines = [f"announced = {draw(st.sampled_from(DAYS))}", 'summary = "x"', f"by = [{by}]"]
    return "\n".join([*lines, 'source = [{ publisher = "P" }]', f"effect = [{', '.join(effects)}]"])


def let_in(folder: Path, files: list[str]) -> records.Tracker | None:
    """The record of those files that the rules let in, if there are any."""
    (folder / "registry").mkdir()
    (folder / "registry/all.toml").write_text(REGISTRY, encoding="utf-8")
    left = {f"a{number}.toml": text for number, text in enumerate(files)}
    for year in ("1000", "2031", "8999", "9000"):
        (folder / year).mkdir()
    places = {
        name: next(year for year in ("1000", "8999", "9000", "2031") if year in text.splitlines()[0])
        for name, text in left.items()
    }
    for name, text in left.items():
        (folder / places[name] / name).write_text(text, encoding="utf-8")
    while left:
        try:
            return records.from_files(folder, datetime(2040, 1, 1, tzinfo=UTC))[0]
        except DatasetErrors as errors:
            wrong = {Path(problem.location.path).name for problem in errors.problems} & set(left)
            if not wrong:
                raise
            for name in wrong:
                del left[name]
                (folder / places[name] / name).unlink()
    return None


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    files=st.lists(said(), min_size=2, max_size=8),
    day=st.sampled_from(["1000-01-01", "2031-01-08", "2031-01-25", "8999-12-31", "2031-01-10T02:00:00Z"]),
    known=st.none() | st.sampled_from(["1000-01-09", "2031-01-06", "9000-12-31"]),
)
def test_law_what_is_let_in_can_be_answered_from(files: list[str], day: str, known: str | None) -> None:
    with TemporaryDirectory() as folder:
        tracker = let_in(Path(folder), files)
    if tracker is None:
        event("nothing was let in")
        return
    event(f"let in: {len(tracker.record.announcements)}")
    clocks, everything = tracker.clocks(day, known, None), Selection()
    for answer in (
        *state(tracker.record, clocks, everything), *history(tracker.record, clocks, everything),
        *announcements(tracker.record, clocks, AnnouncementFilter()), *promises(tracker.record, clocks),
        *agenda(tracker.record, clocks),
        diff(tracker.record, tracker.clocks("2031-01-01", None, None), clocks, everything),
        *(why(tracker.record, clocks, Selection(subjects=(each,))) for each in ("A-B", "through", "closure", "treaty")),
    ):  # fmt: skip
        assert answer
