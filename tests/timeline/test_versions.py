"""An announcement and its corrections: what its content was held to be, as each clock advances. Design §2 and §4."""

from datetime import UTC, datetime

import pytest

from tests.timeline.histories import LOCAL, a_day
from tracker.model.announcement import Announcement, Correction, Retraction, Statement
from tracker.model.dates import FOREVER, start_of
from tracker.model.events import Recorded, digest, recorded
from tracker.timeline.knowledge import EVERYTHING, Known, Span
from tracker.timeline.versions import Version, concerns, versions

MINE = {"effect": [{"type": "impose", "measure": "closure"}]}


def original(day: int = 0) -> Announcement:
    return Announcement.model_validate(
        {"id": "said", "announced": a_day(day), "summary": "as said", "by": [{"party": "XA"}], **MINE}
    )


def correction(name: str, day: int, **replace: object) -> Correction:
    return Correction.model_validate(
        {"id": name, "announced": a_day(day), "reason": "words", "corrects": "said", "replace": replace}
    )


def retraction(name: str, day: int) -> Retraction:
    return Retraction.model_validate({"id": name, "announced": a_day(day), "reason": "words", "retracts": "said"})


def at(day: int) -> int:
    return start_of(a_day(day), LOCAL)


def of(said: dict[int, Statement]) -> tuple[Version, ...]:
    """The versions that a log amounts to, in which each statement has its position."""
    stored = [
        Recorded(position, recorded(each, datetime(2040, 1, position, tzinfo=UTC), f"by {position}", f"for {position}"))
        for position, each in said.items()
    ]
    return versions(stored, LOCAL)


def test_what_was_said_once_is_known_from_its_instant_and_position_on() -> None:
    [version] = of({5: original()})
    assert version.spans == (Span(at(0), FOREVER, 5, FOREVER),)
    assert (version.number, version.order, version.announced, version.position) == (0, at(0), at(0), 5)
    assert (version.recorded_at, version.recorded_by) == (datetime(2040, 1, 5, tzinfo=UTC), "by 5")
    assert (version.approved_by, version.digest) == ("for 5", digest(original()))


@pytest.mark.parametrize(
    ("known", "holds"),
    [
        (Known(at(0), 5), True),
        (Known(at(0) - 1, 5), False),
        (Known(at(0), 4), False),
        (Known(at(9), 7), True),
        (Known(at(10), 7), False),
        (Known(at(10) - 1, 8), False),
    ],
)
def test_both_clocks_are_inclusive_at_first_and_exclusive_at_last(known: Known, holds: bool) -> None:
    assert Span(at(0), at(10), 5, 8).holds(known) is holds


def test_a_correction_supersedes_where_both_clocks_have_reached_it() -> None:
    first, second = of({5: original(), 8: correction("c", 10, summary="as corrected")})
    assert first.spans == (Span(at(0), at(10), 5, FOREVER), Span(at(10), FOREVER, 5, 8))
    assert second.spans == (Span(at(10), FOREVER, 8, FOREVER),)
    assert [each.content.summary for each in (first, second) if each.content] == ["as said", "as corrected"]
    assert (second.number, second.order, second.announced, second.position) == (1, at(0), at(10), 8)
    assert (second.recorded_by, second.approved_by) == ("by 8", "for 8")
    assert [each.known(Known(at(9))) for each in (first, second)] == [True, False]
    assert [each.known(Known(at(10), 7)) for each in (first, second)] == [True, False]
    assert [each.known(EVERYTHING) for each in (first, second)] == [False, True]


def test_a_step_that_takes_nothing_more_away_is_no_step() -> None:
    first, second, third = of({5: original(), 8: retraction("c", 10), 9: retraction("d", 20)})
    assert first.spans == (Span(at(0), at(10), 5, FOREVER), Span(at(10), FOREVER, 5, 8))
    assert second.spans == (Span(at(10), at(20), 8, FOREVER), Span(at(20), FOREVER, 8, 9))
    assert third.spans == (Span(at(20), FOREVER, 9, FOREVER),)


def test_a_correction_found_later_changes_what_a_later_one_had_made_of_the_text() -> None:
    found = of({5: original(), 7: correction("late", 20, summary="late"), 9: correction("early", 10, note="early")})
    told = [(each.number, each.content.summary, each.content.note, each.spans) for each in found if each.content]
    assert told == [
        (
            0,
            "as said",
            None,
            (Span(at(0), at(10), 5, FOREVER), Span(at(10), at(20), 5, 9), Span(at(20), FOREVER, 5, 7)),
        ),
        (1, "as said", "early", (Span(at(10), at(20), 9, FOREVER),)),
        (2, "late", None, (Span(at(20), FOREVER, 7, 9),)),
        (3, "late", "early", (Span(at(20), FOREVER, 9, FOREVER),)),
    ]
    assert [each.position for each in found] == [5, 9, 7, 7]


def test_a_correction_that_was_never_the_last_word_is_a_version_all_the_same() -> None:
    found = of({5: original(), 7: retraction("late", 10), 9: correction("early", 10, summary="early")})
    assert [(each.statement.id, each.spans) for each in found] == [
        ("said", (Span(at(0), at(10), 5, FOREVER), Span(at(10), FOREVER, 5, 7))),
        ("early", ()),
        ("late", (Span(at(10), FOREVER, 7, 9),)),
        ("late", (Span(at(10), FOREVER, 9, FOREVER),)),
    ]


def test_a_retraction_takes_the_content_and_a_correction_of_it_gives_it_back() -> None:
    found = of(
        {5: original(), 6: correction("c", 1, summary="b"), 7: retraction("r", 2), 8: correction("d", 3, note="n")}
    )
    told = [(each.content.summary, each.content.note) if each.content else None for each in found]
    assert told == [("as said", None), ("b", None), None, ("b", "n")]
    assert {each.id for each in found} == {"said"}
    assert [each.statement.id for each in found] == ["said", "c", "r", "d"]


def test_nothing_is_known_of_an_announcement_before_it_was_made() -> None:
    first, second = of({5: original(10), 8: correction("c", 3, summary="as corrected")})
    assert (second.announced, second.order) == (at(10), at(10))
    assert second.spans == (Span(at(10), FOREVER, 8, FOREVER),)
    assert first.spans == (Span(at(10), FOREVER, 5, 8),)


def test_corrections_of_one_instant_follow_each_other_by_name() -> None:
    found = of({5: original(), 6: correction("y", 1, summary="y"), 7: correction("x", 1, summary="x")})
    known = [each for each in found if each.known(EVERYTHING)]
    assert [each.content.summary for each in known if each.content] == ["y"]


def test_every_event_is_about_the_announcement_that_it_names() -> None:
    moment = datetime(2040, 1, 1, tzinfo=UTC)
    said = (original(), correction("c", 1, note="n"), retraction("r", 1))
    assert {concerns(recorded(each, moment)) for each in said} == {"said"}
