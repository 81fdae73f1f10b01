"""After every write, what is under the views is what it would be if all of it were derived anew."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.projections.conftest import run_sql
from tests.state.worlds import PLACES, effects, measures, subjects
from tests.timeline.histories import SUBJECTS, a_day, days
from tracker.model.announcement import Announcement, Correction, Retraction, Statement
from tracker.model.registry import Border, Instrument, Measure, Party, Subject
from tracker.model.vocabulary import PartyKind, Stage
from tracker.projections.refresh import refresh
from tracker.projections.sql_views import tables
from tracker.projections.sql_views.refresh import Change, derive
from tracker.projections.sql_views.tables import FILLED
from tracker.store.event_store import EventStore, open_store

SLOW = settings(max_examples=min(25, settings().max_examples), deadline=None)
VIEWS = "tracker.projections.sql_views.refresh"
PLEDGES = ("road", "rail")
TREATY = Instrument(id="treaty", title="Treaty")
Write = Sequence[Subject] | Sequence[Statement]


def said_on(day: int, key: str, measure: str, **more: object) -> Announcement:
    """An announcement that imposes a measure from a day on."""
    effect = {"type": "impose", "measure": measure, "from": a_day(day)} | more
    plain = {"id": key, "announced": a_day(1), "summary": "words", "by": [{"party": "XA"}], "effect": [effect]}
    return Announcement.model_validate(plain)


LATER = {"announced": a_day(9), "reason": "words"}
UNSURE = {"effect": [{"type": "impose", "measure": "closure", "from": f"[{a_day(3)}..{a_day(5)}]"}]}
MOVES: tuple[Write, ...] = (
    SUBJECTS,
    [said_on(5, "a1", "closure")],
    [Correction.model_validate({**LATER, "id": "c1", "corrects": "a1", "replace": UNSURE})],
)
TWIN = [said_on(5, "a2", "ban")]
FREED = [Retraction.model_validate({**LATER, "id": "r1", "retracts": "a2"})]


@st.composite
def said(draw: st.DrawFn, chosen: Sequence[Measure]) -> dict[str, Any]:
    """An effect of any type that some table shows."""
    kind = draw(st.sampled_from(["lanes", "lanes", "pledge", "end", "stage"]))
    pledge = draw(st.sampled_from(PLEDGES))
    if kind == "pledge":
        place, due = draw(st.sampled_from(PLACES)), draw(st.one_of(st.none(), days()))
        made = {"type": "pledge", "pledge": pledge, "kind": "offer", "parties": ["XA"], "at": [place]}
        return {**made, "text": draw(st.sampled_from(["Soon.", "Later."])), "due": due}
    if kind == "end":
        return {"type": draw(st.sampled_from(["fulfil", "withdraw"])), "pledge": pledge, "on": draw(days())}
    if kind == "stage":
        party = draw(st.sampled_from([None, "XA"]))
        stage = draw(st.sampled_from([Stage.SIGNED, Stage.RATIFIED]))
        return {"type": "stage", "instrument": "treaty", "stage": stage, "on": draw(days()), "party": party}
    return draw(effects(chosen))


@st.composite
def announcements(draw: st.DrawFn, number: int, chosen: Sequence[Measure]) -> Announcement:
    plain = {"id": f"a{number}", "announced": a_day(draw(st.integers(0, 30))), "summary": "words",
             "by": [{"party": "XA"}], "effect": draw(st.lists(said(chosen), max_size=3))}  # fmt: skip
    return Announcement.model_validate(plain)


@st.composite
def changes(draw: st.DrawFn, number: int, of: str, chosen: Sequence[Measure]) -> Correction | Retraction:
    """A correction or retraction of an announcement, which may be announced before an earlier one."""
    plain = {"id": f"c{number}", "announced": a_day(draw(st.integers(30, 40))), "reason": "words"}
    if draw(st.integers(0, 2)) == 0:
        return Retraction.model_validate({**plain, "retracts": of})
    other_day = st.integers(0, 30).map(lambda day: {"announced": a_day(day)})
    other_effects = st.lists(said(chosen), max_size=2).map(lambda each: {"effect": each})
    return Correction.model_validate({**plain, "corrects": of, "replace": draw(other_day | other_effects)})


@st.composite
def entries(draw: st.DrawFn, registry: Sequence[Subject]) -> list[Subject]:
    """New and amended subjects: most often measures, sometimes what changes who is asked for leave."""
    kind = draw(st.sampled_from(["measures", "measures", "party", "text", "border"]))
    if kind == "measures":
        return list(draw(measures()))
    if kind == "party":
        return [next(each for each in registry if isinstance(each, Party)).model_copy(update={"name": "Isle"})]
    if kind == "text":
        return [TREATY.model_copy(update={"title": "Another title"}), Instrument(id="pact", title="Pact")]
    border = next(each for each in registry if isinstance(each, Border))
    return [border.model_copy(update={"normally": None if border.normally else "open"})]


@st.composite
def histories(draw: st.DrawFn) -> list[Write]:
    """Writes one after the other, the first of them a registry."""
    registry = [*draw(subjects()), TREATY]
    known = {each.id: each for each in registry if isinstance(each, Measure)}
    found: list[Write] = [registry]
    recorded: list[str] = []
    for step in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(["say", "say", "change", "enter"]))
        if kind == "enter":
            entered = draw(entries(registry))
            known |= {each.id: each for each in entered if isinstance(each, Measure)}
            found.append(entered)
        elif kind == "change" and recorded:
            found.append([draw(changes(step, draw(st.sampled_from(recorded)), list(known.values())))])
        else:
            count = draw(st.integers(1, 2))
            new = [draw(announcements(10 * step + each, list(known.values()))) for each in range(count)]
            recorded += [each.id for each in new]
            found.append(new)
    return found


def write(store: EventStore, url: str, content: Write) -> None:
    new = [each for each in content if isinstance(each, Announcement | Correction | Retraction)]
    if new:
        store.record(new)
    else:
        store.load(_Entries(content), ())  # type: ignore[arg-type]
    refresh(url, store)


class _Entries:
    """What is to be entered, as a registry that needs not be whole."""

    def __init__(self, content: Sequence[Any]) -> None:
        self._content = content

    def subjects(self) -> Iterator[Any]:
        yield from self._content


def under_the_views(url: str) -> dict[str, list[str]]:
    return {table.name: sorted(map(repr, run_sql(url, f"SELECT * FROM {table.name}"))) for table in FILLED}


def derived_anew(url: str, path: Path) -> dict[str, list[str]]:
    """What a copy holds if all of it is derived anew."""
    with closing(sqlite3.connect(url)) as source, closing(sqlite3.connect(path)) as copy:
        source.backup(copy)
    assert derive(str(path), full=True)
    return under_the_views(str(path))


def differences(held: dict[str, list[str]], whole: dict[str, list[str]]) -> list[tuple[str, str]]:
    """Rows that only one of them has."""
    rows = [{(name, row) for name, each in found.items() for row in each} for found in (held, whole)]
    return [] if held == whole else [("held", str(rows[0] - rows[1])), ("whole", str(rows[1] - rows[0]))]


@pytest.mark.slow
@SLOW
@given(history=histories())
def test_every_write_is_taken_in_as_if_all_were_derived_anew(history: list[Write]) -> None:
    with TemporaryDirectory() as folder:
        url = f"{folder}/store.sqlite"
        with open_store(url) as store:
            for number, content in enumerate(history):
                write(store, url, content)
                assert derive(url) or number  # a write may say nothing new
                assert differences(under_the_views(url), derived_anew(url, Path(folder, f"copy{number}.sqlite"))) == []


def test_every_write_is_taken_in_on_every_store(url: str, store: EventStore) -> None:
    for content in (*MOVES, TWIN, FREED):
        write(store, url, content)
        assert derive(url)
        assert not derive(url)
    before = under_the_views(url)
    assert derive(url, full=True)
    assert under_the_views(url) == before


def test_what_made_a_change_may_become_another_announcement(url: str, store: EventStore) -> None:
    """Of two on one day, the one on the first of the tracks; whatever the status is."""
    write(store, url, SUBJECTS)
    made = []
    for content in (*MOVES[1:], TWIN, FREED):
        write(store, url, content)
        derive(url)
        made.append(of_the_border(url))
    assert made == [
        [("presumed", None, False), ("closed", "a1", False)],
        [("presumed", None, False), ("closed", "a1", True)],
        [("presumed", None, False), ("closed", "a2", True)],
        [("presumed", None, False), ("closed", "a1", True)],
    ]


def of_the_border(url: str) -> list[tuple[str, str | None, bool]]:
    sql = """SELECT status, announcement, uncertain FROM v_status_interval
        WHERE mode = 'road' AND traffic = 'goods' AND direction = 'XA>XB' ORDER BY valid_from IS NOT NULL, valid_from"""
    return [(status, made, bool(uncertain)) for status, made, uncertain in run_sql(url, sql)]


def test_only_what_new_events_can_have_changed_is_derived(
    url: str, store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(store, url, SUBJECTS)
    derive(url)
    monkeypatch.setattr(tables, "StagingTables", lambda _: pytest.fail("derived all"))
    party = Party(id="XA", name="Another", kind=PartyKind.STATE)
    other = SUBJECTS[-1].model_copy(update={"id": "another"})
    for content in (*MOVES[1:], [party, other], [said_on(5, "a4", "another")], [Instrument(id="pact", title="Pact")]):
        write(store, url, content)
        assert derive(url)


def test_where_very_much_has_changed_all_is_derived(url: str, store: EventStore) -> None:
    for content in MOVES:
        write(store, url, content)
        assert derive(url, max_tracks=0)
    assert of_the_border(url)[-1] == ("closed", "a1", True)


def test_who_comes_late_leaves_what_somebody_else_has_derived(
    url: str, store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(store, url, SUBJECTS)
    derive(url)
    write(store, url, MOVES[1])

    def overtaken(*args: Any) -> Change:
        monkeypatch.setattr(f"{VIEWS}.Change", Change)
        assert derive(url)
        return Change(*args)

    monkeypatch.setattr(f"{VIEWS}.Change", overtaken)
    assert not derive(url)
    assert of_the_border(url)[-1] == ("closed", "a1", False)


def test_nobody_sees_a_half_of_it(url: str, store: EventStore, monkeypatch: pytest.MonkeyPatch) -> None:
    write(store, url, SUBJECTS)
    derive(url)
    before = under_the_views(url)
    write(store, url, MOVES[1])
    with monkeypatch.context() as crash:
        crash.setattr(tables, "reach", lambda *_: 1 / 0)
        for full in (False, True):
            with pytest.raises(ZeroDivisionError):
                derive(url, full=full)
            assert under_the_views(url) == before
    assert derive(url)
    assert under_the_views(url) != before


def test_what_ends_before_it_begins_has_run_out_by_its_own_announcement(url: str, store: EventStore) -> None:
    over = [said_on(9, "a1", "closure", last_day=a_day(4)), said_on(5, "z9", "ban")]
    for content in (SUBJECTS, over):
        write(store, url, content)
        derive(url)
    [row] = run_sql(url, "SELECT state, announcement FROM v_measure_interval WHERE measure = 'closure'")
    assert row == ("lapsed", "a1")
