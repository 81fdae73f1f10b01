"""Differences between two dates, or between two states of knowledge about one date."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from tracker.model.lives import exists
from tracker.model.registry import Border, Corridor, Crossing, Instrument, Measure
from tracker.model.vocabulary import Mode, Status, Traffic
from tracker.queries.answers import ClocksAnswer, LanesState
from tracker.queries.change_answers import DiffAnswer, Difference
from tracker.queries.clocks import Clocks
from tracker.queries.existence import DOES_NOT_EXIST
from tracker.queries.history import status_changes
from tracker.queries.measure_answers import InstrumentAnswer, MeasureAnswer, StateAnswer
from tracker.queries.parts import amount_text
from tracker.queries.reasons import titles
from tracker.queries.selection import Selection, chosen_lanes
from tracker.queries.state import state
from tracker.state.lane_history import lane_history
from tracker.state.lanes import Lane
from tracker.state.record import Record, View
from tracker.timeline.assertions import measure_track, stage_track
from tracker.timeline.track_history import NOTHING, deciding, run_out


class DiffKey(NamedTuple):
    """A lane, or a measure or text as a whole."""

    subject: str
    mode: Mode | None = None
    traffic: Traffic | None = None
    direction: str | None = None


class DiffValue(NamedTuple):
    """The status of a lane, measure or text in one of the two states."""

    answer: StateAnswer | None
    status: str
    reason: str
    otherwise: Status | None = None
    but_for: tuple[str, ...] = ()
    amount: str | None = None
    exemptions: tuple[str, ...] = ()

    def differs(self, other: "DiffValue") -> bool:
        """Whether the status differs, or what goes with it: that of the rest, an amount, the exemptions."""
        return self._replace(answer=None, reason="", but_for=()) != other._replace(answer=None, reason="", but_for=())


NOT_REGISTERED = DiffValue(None, "not registered", "")
NOT_THERE = DiffValue(None, DOES_NOT_EXIST, "")


def diff(
    record: Record, before: Clocks, after: Clocks, selection: Selection, *, later: Record | None = None
) -> DiffAnswer:
    """List the lanes, measures and texts that differ between two sets of clocks.

    Args: later: the record at the second clocks, where statements are supposed in it; else the same one.
    Raises: UnknownSubject, BadRequest.
    """
    later = later or record
    first, second = (
        dict(_values(state(one, clocks, selection, over_periods=True)))
        for one, clocks in ((record, before), (later, after))
    )
    views = record.over_periods(before.known, before.as_of), later.over_periods(after.known, after.as_of)
    changed = _Changed(*views, before, after, selection)
    differences = []
    for key in dict.fromkeys((*first, *second)):
        old = first.get(key) or changed.missing(key, 0)
        new = second.get(key) or changed.missing(key, 1)
        answer = new.answer or old.answer
        if old.differs(new) and answer is not None:
            made = changed.by(key)
            differences.append(
                Difference(
                    **key._asdict(),
                    kind=answer.kind,
                    name=answer.name,
                    before=old.status,
                    after=new.status,
                    reason_before=old.reason,
                    reason_after=new.reason,
                    otherwise_before=old.otherwise,
                    otherwise_after=new.otherwise,
                    but_for_before=old.but_for,
                    but_for_after=new.but_for,
                    amount_before=old.amount,
                    amount_after=new.amount,
                    announcements=made,
                    titles=changed.titles(made),
                )
            )
    return DiffAnswer(
        before=ClocksAnswer(**before.texts), after=ClocksAnswer(**after.texts), differences=tuple(differences)
    )


def _values(answers: list[StateAnswer]) -> Iterator[tuple[DiffKey, DiffValue]]:
    for answer in answers:
        match answer:
            case LanesState():
                for lane in answer.lanes:
                    key = DiffKey(answer.subject, lane.mode, lane.traffic, lane.direction)
                    yield key, DiffValue(answer, lane.status, lane.reason, lane.otherwise, lane.but_for)
            case InstrumentAnswer():
                yield DiffKey(answer.subject), DiffValue(answer, answer.stage or "none", answer.reason)
            case _:
                amount, exemptions = amount_text(answer.amount, answer.unit), _exemptions(answer)
                value = DiffValue(answer, answer.state, answer.reason, amount=amount, exemptions=exemptions)
                yield DiffKey(answer.subject), value


def _exemptions(answer: MeasureAnswer) -> tuple[str, ...]:
    return tuple(sorted(exemption.exemption for exemption in answer.exemptions))


class _Changed:
    """The statements that made differences between two sets of clocks."""

    def __init__(self, first: View, second: View, before: Clocks, after: Clocks, selection: Selection) -> None:
        self._clocks, self._selection = (before, after), selection
        self._views = first, second

    def by(self, key: DiffKey) -> tuple[str, ...]:
        """Ids of the statements that changed a lane, measure or text between the dates, or that were learned."""
        before, after = self._clocks
        made = self._made(key) if before.as_of != after.as_of else ()
        first, second = self._views
        alike = first.record is second.record and before.known == after.known
        learned = () if alike else self._learned(key)
        return tuple(dict.fromkeys((*made, *learned)))

    def missing(self, key: DiffKey, side: int) -> DiffValue:
        """The value of what has none in the first (0) or the second (1) state."""
        registry, at = self._views[side].registry, self._clocks[side].as_of
        subject = registry.places.get(key.subject)
        living = isinstance(subject, Border | Crossing | Corridor) and not exists(registry, subject, at)
        return NOT_THERE if living else NOT_REGISTERED

    def titles(self, announcements: Sequence[str]) -> tuple[str, ...]:
        """The titles of statements, as known at the second clocks, else at the first."""
        known = [next((t for view in self._views[::-1] for t in titles(view, [key])), key) for key in announcements]
        return tuple(known)

    def _made(self, key: DiffKey) -> Iterator[str]:
        view, (before, after) = self._views[1], self._clocks
        begin, end = sorted((before.as_of, after.as_of))
        if key.subject in view.registry.with_state:
            for lane, changes in status_changes(view, view.registry.with_state[key.subject], self._of(key)):
                if lane is None or _is(lane, key):
                    for change in changes:
                        yield from change.change.announcements if begin < change.at <= end else ()

    def _learned(self, key: DiffKey) -> Iterator[str]:
        """Where another statement decides a track than before, that one, or the one that no longer does."""
        known, learned = (dict(self._decided(key, *side)) for side in zip(self._views, self._clocks, strict=True))
        for name in dict.fromkeys((*known, *learned)):
            if known.get(name) != learned.get(name):
                yield learned.get(name) or known[name]

    def _decided(self, key: DiffKey, view: View, clocks: Clocks) -> Iterator[tuple[str, str]]:
        """By track, or passage, the statement that decides it, or the one whose row ended last."""
        subject, at = view.registry.with_state.get(key.subject), clocks.as_of
        if subject is None:
            return
        tracks = [view.track(measure_track(key.subject)), view.track(stage_track(key.subject))]
        if not isinstance(subject, Measure | Instrument):
            question = self._selection.question(view.registry)
            lane = next((lane for lane in chosen_lanes(view.registry, subject, self._of(key)) if _is(lane, key)), None)
            history = lane_history(view, lane, question) if lane and lane.life.holds(at) else None
            tracks = list(history.tracks) if history else []
            for seen in history.passed(at) if history else ():
                announcement = view.row(seen.row).announcement
                yield f"passage:{announcement}", announcement
        for track in tracks:
            standing = NOTHING if track < 0 else view.course(track).at(at)
            row = max(deciding(standing), run_out(standing))
            if row != NOTHING:
                yield view.assertions.tracks[track], view.row(row).announcement

    def _of(self, key: DiffKey) -> Selection:
        narrowed = replace(self._selection, subjects=(key.subject,), kind=None)
        return replace(narrowed, mode=key.mode, traffic=key.traffic, direction=key.direction)


def _is(lane: Lane, key: DiffKey) -> bool:
    return (lane.mode, lane.traffic, lane.direction) == key[1:]
