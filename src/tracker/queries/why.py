"""Why something is as it is: everybody's word along the path, and where each was published."""

from collections.abc import Iterator, Mapping
from typing import Any

from tracker.model.registry import Border, Corridor, Crossing, Instrument, Measure, Scope
from tracker.queries.announcements import announcement_answer
from tracker.queries.answer import Answer
from tracker.queries.answers import InstrumentAnswer, LanesState, MeasureAnswer, StateAnswer
from tracker.queries.change_answers import Change
from tracker.queries.clocks import Clocks
from tracker.queries.history import turns
from tracker.queries.reasons import place_name
from tracker.queries.selection import Selection, find
from tracker.queries.state import state
from tracker.queries.statement_answers import AnnouncementAnswer
from tracker.state.lanes import stations
from tracker.state.record import Record, View


class Station(Answer):
    """A place on the path."""

    place: str
    name: str
    gate: bool  # between two territories


class WhyLanes(LanesState):
    """A border, crossing or corridor, with its path and the announcements that its state rests on."""

    path: tuple[Station, ...]  # a lane that goes the other way has it reversed
    parties: dict[str, str]  # names by id
    citations: dict[str, AnnouncementAnswer]


class WhyMeasure(MeasureAnswer):
    """A measure, with what it applies to and what became of it."""

    scope: Scope
    changes: tuple[Change, ...]
    parties: dict[str, str]
    citations: dict[str, AnnouncementAnswer]


class WhyInstrument(InstrumentAnswer):
    """A text, with the stages of its life."""

    changes: tuple[Change, ...]
    citations: dict[str, AnnouncementAnswer]


WhyAnswer = WhyLanes | WhyMeasure | WhyInstrument


def why(record: Record, clocks: Clocks, selection: Selection) -> WhyAnswer:
    """What makes the state of the one chosen subject.

    Raises: UnknownSubject; BadRequest where it has no lane like the one asked for.
    """
    view = record.at(clocks.known)
    subject = find(view.registry, selection.subjects[0])
    [answer] = state(record, clocks, selection)
    match subject:
        case Measure():
            changes = _changes(view, subject)
            return WhyMeasure(
                **dict(answer),
                scope=subject.scope,
                changes=changes,
                parties=_parties(view, [subject.authority]),
                citations=_citations(view, answer, changes),
            )
        case Instrument():
            changes = _changes(view, subject)
            return WhyInstrument(**dict(answer), changes=changes, citations=_citations(view, answer, changes))
        case _:
            return _why_lanes(view, subject, answer)


def _why_lanes(view: View, subject: Border | Crossing | Corridor, answer: StateAnswer) -> WhyLanes:
    assert isinstance(answer, LanesState)
    spoken = [cause.authority for lane in answer.lanes for cause in lane.because]
    spoken += [each.party for lane in answer.lanes for each in lane.readiness]
    return WhyLanes(
        **dict(answer),
        path=tuple(
            Station(place=place, name=place_name(view, place), gate=place not in view.registry.territories)
            for place in stations(view.registry, subject)
        ),
        parties=_parties(view, spoken),
        citations=_citations(view, answer),
    )


def _changes(view: View, subject: Measure | Instrument) -> tuple[Change, ...]:
    return tuple(turn.change for _, each in turns(view, subject, Selection()) for turn in each)


def _parties(view: View, ids: list[str]) -> dict[str, str]:
    known = view.registry.parties
    return {party: known[party].name for party in dict.fromkeys(ids) if party in known}


def _citations(view: View, *answers: Any) -> dict[str, AnnouncementAnswer]:
    """Every announcement that the answers name, and those that deny them."""
    found = dict.fromkeys(key for answer in answers for key in _named(answer))
    denials = [key for each in found for key in view.denials(each)]
    cited = {}
    for key in (*found, *denials):
        version = view.version(key)
        if version is not None and version.content is not None:
            cited[key] = announcement_answer(view, version, version.content)
    return cited


_NAMING = ("announcement", "announcements", "ended_by", "disputed")


def _named(answer: Any) -> Iterator[str]:
    """The ids of announcements anywhere in an answer."""
    match answer:
        case Answer():
            for name, value in answer:
                yield from _ids(value) if name in _NAMING else _named(value)
        case tuple() | list():
            for item in answer:
                yield from _named(item)
        case Mapping():
            for item in answer.values():
                yield from _named(item)


def _ids(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value or ()
