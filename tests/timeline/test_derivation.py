"""Announcements become columns, added one by one as they were recorded or with their whole histories."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.timeline.histories import LOCAL, STORED, logs
from tracker.model.announcement import Announcement
from tracker.model.dates import FOREVER, parse_day, start_of
from tracker.model.events import AnnouncementRecorded, Recorded, StatementEvent, recorded
from tracker.state.fold import fold
from tracker.timeline.derivation import Derivation
from tracker.timeline.merge import Segment, merged
from tracker.timeline.plans import settled
from tracker.timeline.serialisation import pack
from tracker.timeline.statements import content_of
from tracker.timeline.versions import concerns, versions


def announcement(name: str, **more: object) -> Announcement:
    plain = {"id": name, "announced": "2031-01-05", "summary": "words", "by": [{"party": "XA"}], **more}
    return Announcement.model_validate(plain)


def streams_of(log: Sequence[Recorded]) -> dict[str, list[Recorded]]:
    streams: dict[str, list[Recorded]] = {}
    for each in log:
        if isinstance(each.event, StatementEvent):
            streams.setdefault(concerns(each.event), []).append(each)
    return streams


@given(log=logs(), chunk=st.integers(1, 4))
def test_law_histories_replace_what_was_added_as_it_was_recorded(log: list[Recorded], chunk: int) -> None:
    streams = streams_of(log)
    plain, changed = Derivation(LOCAL, chunk), Derivation(LOCAL, chunk)
    for position, event in log:
        if isinstance(event, AnnouncementRecorded):
            order = plain.add_recorded(content_of(event.announcement), position)
            assert order == versions(streams[event.announcement.id], LOCAL)[0].order
    replaced = [name for name, stream in streams.items() if len(stream) > 1]
    changed.add_histories(versions(streams[name], LOCAL) for name in replaced)
    found = merged([Segment(plain.table()), Segment(changed.table(), replaced)])
    orders = {name: versions(stream, LOCAL)[0].order for name, stream in streams.items()}
    precedents = {**plain.precedents, **changed.precedents}
    whole = settled(found, precedents, orders, lambda _: None, LOCAL)
    assert list(pack(whole)) == list(pack(fold(log).assertions))


def test_nothing_is_an_empty_table() -> None:
    derivation = Derivation(LOCAL)
    assert derivation.add_recorded(content_of(announcement("a")), 1) == start_of(parse_day("2031-01-05").latest, LOCAL)
    assert list(pack(derivation.table())) == list(pack(merged([])))
    assert list(derivation.denials) == []


def test_what_stands_as_it_was_recorded_is_known_for_ever() -> None:
    derivation = Derivation(LOCAL)
    said = announcement("a", effect=[{"type": "impose", "measure": "ban", "until": "2031-01-09T06:00:00+04:00"}])
    order = derivation.add_recorded(content_of(said), 7)
    row = derivation.table().row(0)
    assert row.span == (order, FOREVER, 7, FOREVER)
    assert row.begins == (order, order)
    assert row.ends.latest - order == (4 * 24 + 6) * 3_600_000_000


def test_a_denial_is_kept_once_whatever_becomes_of_it() -> None:
    denies = {"relation": [{"type": "denies", "announcement": "b"}, {"type": "confirms", "announcement": "c"}] * 2}
    derivation = Derivation(LOCAL)
    derivation.add_recorded(content_of(announcement("a", **denies)), 1)
    derivation.add_histories([versions([Recorded(1, recorded(announcement("d", **denies), STORED))], LOCAL)])
    assert list(derivation.denials) == [("b", "a"), ("b", "d")]


def test_speakers_of_one_party_are_one_voice() -> None:
    by = [{"party": "XB", "name": "One"}, {"party": "XA"}, {"party": "XB", "name": "Two"}]
    derivation = Derivation(LOCAL)
    said = announcement("a", by=by, effect=[{"type": "lift", "measure": "ban"}], status="unverified")
    derivation.add_recorded(content_of(said), 1)
    assert derivation.table().attributed(0) == (("XB", "XA"), "unverified")


@pytest.mark.parametrize("effect", [{"from": "soon"}, {"last_day": "2031-02-30"}, {"until": "2031-02-30T00:00:00Z"}])
def test_a_date_that_is_none_is_refused(effect: dict[str, str]) -> None:
    good = content_of(announcement("a", effect=[{"type": "impose", "measure": "ban"}]))
    [impose] = good.effect
    for key, value in effect.items():
        setattr(impose, {"from": "starts"}.get(key, key), value)
    with pytest.raises(ValueError, match=r"soon|2031|day is out of range"):
        Derivation(LOCAL).add_recorded(good, 1)
