"""Whatever is done in whatever order: the store holds what a list in memory holds, and the tables what it says."""

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.projections.conftest import assert_same, dump
from tests.store.conftest import NewUrl, new_url, url
from tests.store.samples import announcement, correction, registry, retraction
from tests.torture.clocks import START, Clock, clock_shows
from tracker.audit import backup
from tracker.audit.verification import verify
from tracker.model.announcement import Statement
from tracker.model.errors import BadRequest, Conflict, DatasetErrors, Forbidden
from tracker.model.events import (
    AnyEvent,
    DraftApproved,
    DraftRejected,
    DraftSubmitted,
    Recorded,
    approved,
    canonical,
    recorded,
    registered,
    rejected,
    submitted,
)
from tracker.projections.load import is_current, load
from tracker.projections.refresh import rebuild, refresh
from tracker.queries.log import DraftStatus, drafts
from tracker.services import drafting
from tracker.state.fold import fold
from tracker.store.drafts import draft_events
from tracker.store.event_store import open_store

pytestmark = pytest.mark.slow

__all__ = ["new_url", "url"]

EXAMPLES = {"sqlite": 12, "postgresql": 6}
NUMBERS = st.integers(0, 7)
DAYS = st.integers(1, 28)
PEOPLE = st.sampled_from(["Ada", "Grace"])


class Keeping(RuleBasedStateMachine):
    """A store, and the model of it: the events that it must hold, in order."""

    def __init__(self, new_url: Callable[[], str]) -> None:
        super().__init__()
        self._new_url = new_url
        self._folder = Path(tempfile.mkdtemp(prefix="tracker-machine-"))
        self._archives: list[tuple[Path, list[AnyEvent], bytes]] = []
        self._events: list[AnyEvent] = []
        self._said: dict[str, Statement] = {}
        self._known = 0  # how many events the tables hold
        Clock.shows = START
        self._clock = ExitStack()
        self._clock.enter_context(clock_shows())
        self._url = new_url()
        self._store = open_store(self._url)

    def teardown(self) -> None:
        try:
            assert verify(self._store).findings == ()
            refresh(self._url, self._store)
            self._tables_hold(self._events)
        finally:
            self._store.close()
            self._clock.close()
            shutil.rmtree(self._folder)

    @initialize()
    def begin(self) -> None:
        self._store.load(registry(), [])
        self._events = [registered(subject, Clock.shows) for subject in registry().subjects()]

    @rule(numbers=st.lists(NUMBERS, min_size=1, max_size=4), by=st.sampled_from([None, "coder"]))
    def record(self, numbers: list[int], by: str | None) -> None:
        self._put([announcement(f"a-{number}") for number in numbers], by)

    @rule(number=NUMBERS, of=NUMBERS, day=DAYS)
    def correct(self, number: int, of: int, day: int) -> None:
        said = correction(f"c-{number}", f"a-{of}", summary=f"Said again {day}.")
        self._put([said.model_copy(update={"announced": announcement("x", announced=f"2031-04-{day:02}").announced})])

    @rule(number=st.integers(0, 3), of=NUMBERS)
    def retract(self, number: int, of: int) -> None:
        self._put([retraction(f"r-{number}", f"a-{of}")])

    @rule(numbers=st.sets(NUMBERS, min_size=1, max_size=3), number=st.integers(8, 15))
    def record_and_correct_in_one_call(self, numbers: set[int], number: int) -> None:
        first = min(numbers)
        self._put([correction(f"c-{number}", f"a-{first}"), *(announcement(f"a-{each}") for each in sorted(numbers))])

    @precondition(lambda self: self._said)
    @rule(data=st.data())
    def say_something_else_by_the_same_id(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self._said)))
        with pytest.raises(Conflict, match=name):
            self._store.record([announcement("new"), announcement(name, "Something else.")])

    @rule(kind=st.sampled_from(["a", "c", "r"]), number=NUMBERS, of=NUMBERS, by=PEOPLE)
    def submit(self, kind: str, number: int, of: int, by: str) -> None:
        name = f"{kind}-{number}"
        of_each: dict[str, Statement] = {
            "a": announcement(name), "c": correction(name, f"a-{of}"), "r": retraction(name, f"a-{of}")
        }  # fmt: skip
        said = of_each[kind]
        wrong: type[Exception] | None = Conflict if name in self._said else None
        if wrong is None and (_target(said) or name) not in self._said and kind != "a":
            wrong = DatasetErrors
        with pytest.raises(wrong) if wrong else contextlib.nullcontext():
            done = drafting.submit(self._url, canonical(said), by=by)
            self._events.append(submitted(done.draft or "", said, self._now(), by))
        self._known = len(self._events)

    @precondition(lambda self: self._drafts())
    @rule(data=st.data(), by=PEOPLE)
    def approve(self, data: st.DataObject, by: str) -> None:
        draft, decided = data.draw(st.sampled_from(self._drafts()))
        wrong = Conflict if decided else Forbidden if draft.recorded_by == by else None
        if wrong is None and draft.statement.id in self._said:
            wrong = Conflict
        with pytest.raises(wrong) if wrong else contextlib.nullcontext():
            drafting.approve(self._url, draft.draft, by=by)
            at = self._now()
            self._events += [approved(draft, at, by), recorded(draft.statement, at, draft.recorded_by, by)]
            self._said[draft.statement.id] = draft.statement
        self._known = len(self._events)

    @precondition(lambda self: self._drafts())
    @rule(data=st.data(), by=PEOPLE)
    def reject(self, data: st.DataObject, by: str) -> None:
        draft, decided = data.draw(st.sampled_from(self._drafts()))
        if decided:
            with pytest.raises(Conflict, match=draft.draft):
                drafting.reject(self._url, draft.draft, "No.", by=by)
            return
        drafting.reject(self._url, draft.draft, "No.", by=by)
        self._events.append(rejected(draft, "No.", self._now(), by))
        self._known = len(self._events)

    @rule(seconds=st.integers(-90_000, 90_000))
    def the_clock_jumps(self, seconds: int) -> None:
        Clock.shows += timedelta(seconds=seconds)

    @rule()
    def refresh_tables(self) -> None:
        assert refresh(self._url, self._store) == self._store.max_position()
        self._tables_hold(self._events)

    @rule()
    def rebuild_tables(self) -> None:
        refresh(self._url, self._store)
        before = dump(self._url)
        assert rebuild(self._url, self._store) == self._store.max_position()
        assert dump(self._url) == before
        self._tables_hold(self._events)

    @rule()
    def open_again(self) -> None:
        self._store.close()
        self._store = open_store(self._url, create=False)

    @rule()
    def back_up(self) -> None:
        path = self._folder / f"{len(self._archives)}.gz"
        written = backup.write(self._store, path)
        assert written.size == len(self._events)
        self._archives.append((path, list(self._events), written.root))

    @precondition(lambda self: self._archives)
    @rule(data=st.data())
    def restore_into_a_new_store_and_go_on_there(self, data: st.DataObject) -> None:
        path, events, root = data.draw(st.sampled_from(self._archives))
        self._store.close()
        self._url = self._new_url()
        self._store = open_store(self._url)
        assert backup.restore(self._store, path).root == root
        found = verify(self._store)
        assert (found.findings, found.root) == ((), root)
        self._events, self._known = list(events), 0
        self._said = {said.id: said for said in map(_statement, events) if said is not None}

    @precondition(lambda self: self._archives)
    @rule(data=st.data())
    def restoring_over_another_log_is_refused(self, data: st.DataObject) -> None:
        path, events, _ = data.draw(st.sampled_from(self._archives))
        expected = contextlib.nullcontext() if events == self._events else pytest.raises(Conflict)
        with expected:
            backup.restore(self._store, path)

    @invariant()
    def the_store_holds_the_model(self) -> None:
        found = list(self._store.events())
        assert [event.event for event in found] == self._events
        assert [event.position for event in found] == sorted({event.position for event in found})
        times = [event.event.recorded_at for event in found]
        assert times == sorted(times)

    @invariant()
    def the_tables_hold_what_they_were_last_told(self) -> None:
        if self._known:
            self._tables_hold(self._events[: self._known])
            assert is_current(self._url) == (self._known == len(self._events))

    @invariant()
    def drafts_are_what_became_of_them(self) -> None:
        found = drafts(draft_events(self._store))
        waiting = [each.draft for each in found if each.status is DraftStatus.WAITING]
        assert waiting == [draft.draft for draft, decided in self._drafts() if not decided]

    def _drafts(self) -> list[tuple[DraftSubmitted, bool]]:
        """Every draft, and whether somebody has decided about it."""
        decided = {each.draft for each in self._events if isinstance(each, DraftApproved | DraftRejected)}
        return [(each, each.draft in decided) for each in self._events if isinstance(each, DraftSubmitted)]

    def _now(self) -> datetime:
        """When the store records: its clock's time, but never before the last event's."""
        at = max([Clock.shows.astimezone(UTC), *(event.recorded_at for event in self._events[-1:])])
        return datetime.fromisoformat(at.isoformat())

    def _tables_hold(self, events: list[AnyEvent]) -> None:
        positions = [event.position for event in self._store.events()]
        assert_same(load(self._url), fold([Recorded(*each) for each in zip(positions, events, strict=False)]))
        self._known = len(events)

    def _put(self, statements: list[Statement], by: str | None = None) -> None:
        """Record, and the same in the model; the second saying of the same is nothing, of something else refused."""
        said, new = dict(self._said), []
        for each in _in_order(statements):
            if each.id not in said:
                new.append(each)
            elif said[each.id] != each:
                with pytest.raises(Conflict):
                    self._store.record(statements, by=by)
                return
            said[each.id] = each
        if any(_target(each) not in said for each in new if not _is_announcement(each)):
            with pytest.raises(BadRequest):
                self._store.record(statements, by=by)
            return
        done = self._store.record(statements, by=by)
        assert (done.recorded, done.unchanged) == (len(new), len(statements) - len(new))
        self._said = said
        at = self._now()
        self._events += [recorded(each, at, by) for each in new]


def _is_announcement(statement: Statement) -> bool:
    return _target(statement) is None


def _target(statement: Statement) -> str | None:
    return getattr(statement, "corrects", None) or getattr(statement, "retracts", None)


def _in_order(statements: list[Statement]) -> Iterator[Statement]:
    """A correction right behind its announcement, where both come in one call."""
    coming = {each.id for each in statements if _is_announcement(each)}
    for each in statements:
        if _is_announcement(each):
            yield each
            if each.id in coming:
                yield from (other for other in statements if _target(other) == each.id)
                coming.discard(each.id)
        elif _target(each) not in {other.id for other in statements if _is_announcement(other)}:
            yield each


def _statement(event: AnyEvent) -> Statement | None:
    for name in ("announcement", "correction", "retraction"):
        found: Statement | None = getattr(event, name, None)
        if found is not None:
            return found
    return None


def test_law_the_store_holds_what_a_list_in_memory_holds(new_url: NewUrl) -> None:
    """Both databases; `make torture` finds more with more examples."""
    kind = "postgresql" if new_url().startswith("postgresql") else "sqlite"
    run_state_machine_as_test(
        lambda: Keeping(new_url),  # type: ignore[arg-type]
        settings=settings(
            max_examples=EXAMPLES[kind],
            stateful_step_count=25,
            deadline=None,
            phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking takes minutes: add Phase.shrink by hand
            suppress_health_check=list(HealthCheck),
        ),
    )
