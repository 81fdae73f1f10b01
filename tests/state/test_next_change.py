"""Between two instants at which anything may change, no answer about an instant does."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.state.worlds import worlds
from tests.timeline.histories import a_day, log_of
from tests.timeline.test_plans import said
from tracker.model.dates import instant
from tracker.queries.answers import LanesState
from tracker.queries.clocks import Clocks
from tracker.queries.measure_answers import MeasureAnswer
from tracker.queries.promises import promises
from tracker.queries.selection import Selection
from tracker.queries.state import state
from tracker.state.fold import fold
from tracker.state.record import Record

ASIDE = {"as_of", "stale_days", "lag_days", "overdue_days"}  # the question, and counts of days up to it
LANES = 4  # of subjects looked at in each world


def answers(record: Record, at: int) -> list[object]:
    """All that is said of measures, texts, pledges and some lanes at an instant."""
    clocks = Clocks(at)
    registry = record.registry()
    subjects = (*list(registry.borders)[:LANES], *list(registry.corridors)[:LANES], *registry.measures)
    found = state(record, clocks, Selection((*subjects, *registry.instruments)))
    return [one.model_dump(exclude=_aside(one)) for one in (*found, *promises(record, clocks))]


def _aside(answer: object) -> Any:
    aside: dict[str, Any] = dict.fromkeys(ASIDE, True)
    if isinstance(answer, LanesState):
        aside["lanes"] = {"__all__": {"stale_days"}}
    return aside


@given(record=worlds(), hours=st.integers(-48, 100 * 24), part=st.floats(0, 1, exclude_max=True))
@settings(max_examples=25)
def test_law_no_answer_changes_between_two_next_changes(record: Record, hours: int, part: float) -> None:
    day = a_day(0)
    at = instant(datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hours, minutes=17))
    then = record.view.next_change(at)
    later = at + int((min(then, at + 10**13) - at) * part)
    assert answers(record, at) == answers(record, later)


def test_an_announcement_and_a_due_date_are_such_instants() -> None:
    plan = said("a", a_day(10), {"type": "impose", "measure": "closure", "from": a_day(20)})
    pledge = {"type": "pledge", "pledge": "p", "kind": "promise", "parties": ["XA"], "text": "Soon.", "due": a_day(15)}
    record = fold(log_of([plan, said("b", a_day(12), pledge)]))
    found, at = [], instant(datetime(2031, 1, 1, tzinfo=UTC))
    for _ in range(4):
        at = record.view.next_change(at)
        [measure] = state(record, Clocks(at), Selection(("closure",)))
        assert isinstance(measure, MeasureAnswer)
        found.append((measure.state.value, [one.status.value for one in promises(record, Clocks(at))]))
    assert found == [("upcoming", []), ("upcoming", ["open"]), ("upcoming", ["overdue"]), ("in-force", ["overdue"])]
