"""What statements would change, before anybody records them: the record with and without them, side by side."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from pydantic import Field

from tracker.model.announcement import Statement
from tracker.model.dates import BEGINNING, FOREVER, Instant, moment
from tracker.model.events import Recorded, recorded, registered
from tracker.model.registry import Corridor, Crossing, Instrument, Measure
from tracker.model.vocabulary import Mode, SubjectKind, Traffic
from tracker.queries.answer import Answer
from tracker.queries.clocks import Clocks
from tracker.queries.history import Turn, turns
from tracker.queries.promises import promises
from tracker.queries.reasons import moment_text
from tracker.queries.selection import Selection, Stateful
from tracker.state.fold import fold
from tracker.state.lanes import Lane, gates, lanes
from tracker.state.record import Record, View

NOTHING_YET = "none"  # of a measure or text about which nothing was said
_UNNUMBERED = datetime(1970, 1, 1, tzinfo=UTC)


class PreviewChange(Answer):
    """A span of time in which something would be other than it is."""

    subject: str
    kind: SubjectKind
    name: str
    mode: Mode | None
    traffic: Traffic | None
    direction: str | None
    begins: str | None = Field(alias="from")  # null: since the record begins
    until: str | None  # exclusive; null: with no end
    before: str
    after: str
    reason: str  # after
    words: str


class PreviewPledge(Answer):
    """A pledge that would be something else at the date asked about."""

    pledge: str
    before: str
    after: str
    words: str


class PreviewAnswer(Answer):
    """What statements would change."""

    statements: tuple[str, ...]
    changes: tuple[PreviewChange, ...]
    pledges: tuple[PreviewPledge, ...]
    warnings: tuple[str, ...] = ()


def preview(record: Record, statements: Sequence[Statement], clocks: Clocks) -> PreviewAnswer:
    """Compare the record with what it would be; statements must fit it, see `tracker.dataset.rules`.

    Args: clocks: at which pledges are compared; statuses are compared at all times.
    """
    supposed = supposing(record, statements)
    before, after = record.view, supposed.view
    touched = frozenset(_touched(statements, before, after))
    changes = [
        change
        for subject in after.registry.with_state.values()
        if _near(after, subject, touched)
        for change in _changes(before, after, subject)
    ]
    pledges = tuple(_pledges(record, supposed, clocks))
    return PreviewAnswer(statements=tuple(each.id for each in statements), changes=tuple(changes), pledges=pledges)


def supposing(record: Record, statements: Iterable[Statement]) -> Record:
    """The record that it would be if these were recorded next."""
    known = {version.statement.id: version for history in record.announcements.values() for version in history}.values()
    subjects = [Recorded(0, registered(subject, _UNNUMBERED)) for subject in record.registry().subjects()]
    said = [Recorded(each.position, recorded(each.statement, each.recorded_at, each.recorded_by)) for each in known]
    said.sort(key=lambda each: each.position)
    new = [Recorded(number, recorded(each, _UNNUMBERED)) for number, each in enumerate(statements, record.position + 1)]
    return fold([*subjects, *said, *new])


def _touched(statements: Iterable[Statement], *views: View) -> Iterator[str]:
    """The ids of what the effects of statements are about, before and after; of measures also where they apply."""
    for statement in statements:
        name = getattr(statement, "corrects", None) or getattr(statement, "retracts", None) or statement.id
        for view in views:
            found = view.contents.get(name)
            for effect in found[1].effect if found else ():
                at = getattr(effect, "at", None) or ()
                for place in (at,) if isinstance(at, str) else at:
                    yield place
                    yield from _on_the_way(view, place)
                yield from filter(None, (getattr(effect, "instrument", None), getattr(effect, "measure", None)))
                measure = view.registry.measures.get(getattr(effect, "measure", ""))
                yield from measure.scope.at if measure else ()


def _on_the_way(view: View, place: str) -> Iterator[str]:
    """The gates of a corridor or crossing: what passes it passes them."""
    subject = view.registry.with_state.get(place)
    if isinstance(subject, Corridor | Crossing):
        yield from (gate for lane in lanes(view.registry, subject) for gate in gates(lane))


def _near(view: View, subject: Stateful, touched: frozenset[str]) -> bool:
    """Whether something that was touched can bear on a subject."""
    if isinstance(subject, Measure | Instrument):
        return subject.id in touched
    return any(not touched.isdisjoint(lane.places) for lane in lanes(view.registry, subject))


def _changes(before: View, after: View, subject: Stateful) -> Iterator[PreviewChange]:
    nothing = Selection()
    old = dict(turns(before, subject, nothing)) if subject.id in before.registry.with_state else {}
    new = dict(turns(after, subject, nothing))
    for lane in dict.fromkeys((*old, *new)):
        for begin, end, was, will in _differing(old.get(lane, []), new.get(lane, [])):
            yield _change(after, subject, lane, begin, end, was, will)


def _differing(old: Sequence[Turn], new: Sequence[Turn]) -> Iterator[tuple[Instant, Instant, Turn | None, Turn | None]]:
    """The longest spans in which the status is another, and the same on either side throughout."""
    cuts = sorted({BEGINNING, *(turn.at for turn in (*old, *new))})
    spans: list[tuple[Instant, Instant, Turn | None, Turn | None]] = []
    for begin, end in zip(cuts, [*cuts[1:], FOREVER], strict=True):
        was, will = _at(old, begin), _at(new, begin)
        if _status(was) == _status(will):
            continue
        last = spans[-1] if spans else None
        if last and last[1] == begin and (_status(last[2]), _status(last[3])) == (_status(was), _status(will)):
            spans[-1] = (last[0], end, last[2], last[3])
        else:
            spans.append((begin, end, was, will))
    yield from spans


def _at(run: Sequence[Turn], at: Instant) -> Turn | None:
    return next((turn for turn in reversed(run) if turn.at <= at), None)


def _status(turn: Turn | None) -> str:
    return turn.change.status if turn else NOTHING_YET


def _change(
    view: View, subject: Stateful, lane: Lane | None, begin: Instant, end: Instant, was: Turn | None, will: Turn | None
) -> PreviewChange:
    what = " ".join([subject.id, lane.mode, lane.traffic, lane.direction] if lane else [subject.id])
    return PreviewChange(
        subject=subject.id,
        kind=subject.type,
        name=subject.name or subject.id,
        mode=lane.mode if lane else None,
        traffic=lane.traffic if lane else None,
        direction=lane.direction if lane else None,
        begins=None if begin <= BEGINNING else moment_text(view, begin),
        until=None if end >= FOREVER else moment_text(view, end),
        before=_status(was),
        after=_status(will),
        reason=will.change.reason if will else "",
        words=f"{what}: {_status(was)} → {_status(will)}{_when(view, begin, end)}",
    )


def _when(view: View, begin: Instant, end: Instant) -> str:
    """A span as people write it: the last day, not the one behind it."""
    if begin <= BEGINNING:
        return "" if end >= FOREVER else f", until {_day(view, end, last=True)}"
    if end >= FOREVER:
        return f", from {_day(view, begin)}"
    first, last = moment(begin, view.tz), moment(end - 1, view.tz)
    whole = _midnight(first) and _midnight(moment(end, view.tz))
    if whole and first.date() == last.date():
        return f", {_day(view, begin)}"
    if whole and (first.year, first.month) == (last.year, last.month):
        return f", {first.day}–{_day(view, end, last=True)}"
    return f", {_day(view, begin)} – {_day(view, end, last=True)}"


def _day(view: View, at: Instant, *, last: bool = False) -> str:
    found = moment(at, view.tz)
    if not _midnight(found):
        return f"{found.day} {found:%b %Y %H:%M}"
    shown = found - timedelta(days=1) if last else found
    return f"{shown.day} {shown:%b %Y}"


def _midnight(at: datetime) -> bool:
    return (at.hour, at.minute, at.second, at.microsecond) == (0, 0, 0, 0)


def _pledges(record: Record, supposed: Record, clocks: Clocks) -> Iterator[PreviewPledge]:
    old, new = (_standing(each, clocks) for each in (record, supposed))
    for pledge in dict.fromkeys((*old, *new)):
        was, will = old.get(pledge, NOTHING_YET), new.get(pledge, NOTHING_YET)
        if was != will:
            yield PreviewPledge(pledge=pledge, before=was, after=will, words=f"pledge {pledge}: {was} → {will}")


def _standing(record: Record, clocks: Clocks) -> Mapping[str, str]:
    return {each.pledge: each.status.value for each in promises(record, clocks)}
