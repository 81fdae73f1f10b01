"""Explanations of a state: its causes along the path, and the announcements that they rest on."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field

from tracker.model.registry import Border, Corridor, Crossing, Instrument, Measure
from tracker.model.scope import Scope
from tracker.queries.announcements import announcement_answer
from tracker.queries.answer_base import Answer, PlaceField
from tracker.queries.answers import LanesState, ManyCauseAnswers, PledgeAnswer
from tracker.queries.change_answers import ChangeAnswer, ChangesField
from tracker.queries.clocks import Clocks
from tracker.queries.history import status_changes
from tracker.queries.measure_answers import InstrumentAnswer, MeasureAnswer, StateAnswer
from tracker.queries.reasons import place_name
from tracker.queries.selection import Selection, find
from tracker.queries.state import state
from tracker.queries.statement_answers import AnnouncementAnswer
from tracker.state.lanes import stations
from tracker.state.record import Record, View

PartiesField = Annotated[dict[str, str], Field(description="Names of the parties, by id.")]
CitationsField = Annotated[
    dict[str, AnnouncementAnswer], Field(description="Every announcement that the answer names, by id.")
]


class Station(Answer):
    """A place on the path."""

    place: PlaceField
    name: str = Field(description="Name of the place.")
    gate: bool = Field(description="Whether it is a border or crossing point, between two territories.")
    crossings: dict[str, str] = Field(
        {}, description="Names of the registered crossing points of a border, by id: causes may be at one of them."
    )


class WhyLanes(LanesState):
    """The state of a border, crossing or corridor, with its path and the announcements that it rests on."""

    path: tuple[Station, ...] = Field(description="Places along the way; lanes in the other direction reverse it.")
    parties: PartiesField
    citations: CitationsField


class WhyMeasure(MeasureAnswer):
    """The state of a measure, with its scope, its changes and the announcements that it rests on."""

    scope: Scope = Field(description="Scope of the measure.")
    changes: ChangesField
    parties: PartiesField
    citations: CitationsField


class WhyInstrument(InstrumentAnswer):
    """The state of a text, with its stages and the announcements that it rests on."""

    changes: ChangesField
    party_names: PartiesField
    citations: CitationsField


WhyAnswer = WhyLanes | WhyMeasure | WhyInstrument


def why(record: Record, clocks: Clocks, selection: Selection) -> WhyAnswer:
    """Explain the state of the one chosen subject.

    Raises: UnknownSubject; BadRequest where it has no lane like the one asked for.
    """
    view = record.at(clocks.known, clocks.asked)
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
            assert isinstance(answer, InstrumentAnswer)
            changes = _changes(view, subject)
            return WhyInstrument(
                **dict(answer),
                changes=changes,
                party_names=_parties(view, [*subject.parties, *_pledging(answer.pledges)]),
                citations=_citations(view, answer, changes),
            )
        case _:
            return _why_lanes(view, subject, answer)


def _why_lanes(view: View, subject: Border | Crossing | Corridor, answer: StateAnswer) -> WhyLanes:
    assert isinstance(answer, LanesState)
    parties = [cause.authority for lane in answer.lanes for cause in lane.because]
    parties += [readiness.party for lane in answer.lanes for readiness in lane.readiness]
    parties += [party for lane in answer.lanes for party in _pledging(lane.pledges)]
    parties += [answer.control.by] if answer.control else []
    return WhyLanes(
        **dict(answer),
        path=tuple(
            Station(
                place=place,
                name=place_name(view, place),
                gate=place not in view.registry.territories,
                crossings={crossing.id: crossing.name for crossing in view.registry.crossings_of(place)},
            )
            for place in stations(view.registry, subject)
        ),
        parties=_parties(view, parties),
        citations=_citations(view, answer),
    )


def _changes(view: View, subject: Measure | Instrument) -> tuple[ChangeAnswer, ...]:
    return tuple(change.change for _, changes in status_changes(view, subject, Selection()) for change in changes)


def _parties(view: View, ids: list[str]) -> dict[str, str]:
    known = view.registry.parties
    return {party: known[party].name for party in dict.fromkeys(ids) if party in known}


def _pledging(pledges: Iterable[PledgeAnswer]) -> Iterator[str]:
    return (party for pledge in pledges for party in pledge.parties)


def _citations(view: View, *answers: Any) -> dict[str, AnnouncementAnswer]:
    """Every announcement that the answers name, and those that deny them."""
    named = dict.fromkeys(key for answer in answers for key in _named(answer))
    denials = [denial for key in named for denial in view.denials(key)]
    citations = {}
    for key in (*named, *denials):
        version = view.version(key)
        if version is not None and version.content is not None:
            citations[key] = announcement_answer(view, version, version.content)
    return citations


ANNOUNCEMENT_FIELDS = ("announcement", "announcements", "ended_by", "disputed")


def _named(answer: Any) -> Iterator[str]:
    """Ids of the announcements anywhere in an answer."""
    match answer:
        case Answer():
            for name, value in answer:
                yield from _ids(value) if name in ANNOUNCEMENT_FIELDS else _named(value)
        case tuple() | list() | ManyCauseAnswers():
            for item in answer:
                yield from _named(item)
        case Mapping():
            for item in answer.values():
                yield from _named(item)


def _ids(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value or ()
