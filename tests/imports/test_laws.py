"""Laws of revision: what was said at each version's date amounts to that version."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.imports.folding import log_of
from tracker.imports.changes import Edition, RecordedAnnouncement, retired, revised
from tracker.model.announcement import Announcement, Statement
from tracker.model.dataset import Dataset
from tracker.model.dates import Day, close_of
from tracker.model.events import Recorded, canonical
from tracker.model.registry import Registry
from tracker.timeline.knowledge import Known
from tracker.timeline.versions import versions

VERSIONED = frozenset({"announced"})  # an announcement is dated by the version that has it first
FIRST = date(2031, 1, 1)
REGISTRY = Registry.of([Dataset(name="A law", timezone="+00:00")])

drafts = st.fixed_dictionaries(
    {"summary": st.sampled_from(["one", "two"])},
    optional={
        "note": st.sampled_from(["this", "that"]),
        "effect": st.lists(
            st.fixed_dictionaries(
                {"type": st.just("impose"), "measure": st.just("m")},
                optional={
                    "amount": st.sampled_from(["0", "1"]),
                    "last_day": st.sampled_from(["2032-01-01", "2033-01-01"]),
                },
            ),
            max_size=2,
        ),
    },
)
histories = st.lists(st.none() | drafts, min_size=1, max_size=7)  # None: the table has it no more


def editions(history: list[dict[str, object] | None]) -> list[tuple[date, Announcement | None]]:
    days = [FIRST + timedelta(days=number) for number in range(len(history))]
    return [(day, None if made is None else _announcement(made, day)) for day, made in zip(days, history, strict=True)]


def _announcement(made: dict[str, object], day: date) -> Announcement:
    return Announcement.model_validate({"id": "a", "announced": day, "by": [{"party": "XA"}], **made})


def what(announcement: Announcement) -> dict[str, object]:
    """The content without the day of the announcement."""
    return {key: value for key, value in canonical(announcement).items() if key != "announced"}


def said(history: list[tuple[date, Announcement | None]]) -> list[list[Statement]]:
    held, found = RecordedAnnouncement(), list[list[Statement]]()
    for day, draft in history:
        edition = Edition(Day.exactly(day))
        found.append(retired(held, edition) if draft is None else revised(held, draft, (), edition, VERSIONED))
        held = held.with_statements(*found[-1])
    return found


@given(history=histories)
def test_every_version_is_what_was_announced_by_its_date(history: list[dict[str, object] | None]) -> None:
    told = editions(history)
    log = [each for each in log_of(REGISTRY, said(told)) if each.position > 1]
    for day, draft in told:
        known = Known(close_of(day, UTC))
        contents = [each.content for each in (versions(log, UTC) if log else ()) if each.known(known)]
        assert [what(each) for each in contents if each is not None] == ([what(draft)] if draft is not None else [])


@given(history=histories)
def test_a_version_that_changes_nothing_says_nothing(history: list[dict[str, object] | None]) -> None:
    twice = [each for each in history for _ in range(2)]
    assert [len(each) for each in said(editions(twice))[1::2]] == [0] * len(history)


@given(history=histories)
def test_what_is_said_has_ids_of_its_own_and_ascending_dates(history: list[dict[str, object] | None]) -> None:
    told = [statement for each in said(editions(history)) for statement in each]
    assert len({statement.id for statement in told}) == len(told)
    assert all(canonical(one) for one in told)


def test_a_log_is_in_the_order_of_its_statements() -> None:
    log: list[Recorded] = list(log_of(REGISTRY, []))
    assert [each.position for each in log] == [1]
    assert log[0].event.recorded_at < datetime(2100, 1, 1, tzinfo=UTC)
