"""Entries of the registry: subjects with a state, territories and parties."""

from collections.abc import Iterator, Sequence

from pydantic import Field

from tracker.model.charges import Authority, Member, charges
from tracker.model.classes import FlowClass
from tracker.model.dataset import Dataset
from tracker.model.dates import Instant
from tracker.model.fields import OnExpiryField
from tracker.model.lifespans import lifespan
from tracker.model.registry import Border, Corridor, Crossing, Instrument, Measure, Party, Subject, Territory
from tracker.model.scope import Scope
from tracker.model.vocabulary import MeasureKind, MeasureLevel, Mode, SubjectKind, Traffic
from tracker.queries.answer_base import DATE, Answer, KindField, NameField, PartyField, UnitField, UntilField, is_absent
from tracker.queries.answers import EXISTS, ExistsAnswer
from tracker.queries.clocks import Clocks
from tracker.queries.existence import exists_answer
from tracker.queries.reasons import moment_text
from tracker.queries.selection import KINDS, find, find_party, find_territory
from tracker.state.lanes import stations
from tracker.state.record import Record, View


class ChargeAnswer(Answer):
    """A party that is in charge for a time."""

    side: str = Field(description="Id of the territory.")
    party: PartyField
    starts: str | None = Field(alias="from", description=f"Since when; null: from the start. {DATE}")
    until: UntilField = None


class MemberAnswer(Answer):
    """A member of a bloc."""

    party: str | None = Field(description="Id of the party; null: it is a territory.")
    territory: str | None = Field(description="Id of the territory; null: it is a party.")
    starts: str | None = Field(alias="from", description=f"Since when; null: from the start. {DATE}")
    until: UntilField = None
    modes: tuple[Mode, ...] | None = Field(None, description="Means of transport for which it is one; null: all.")


class SubjectAnswer(Answer):
    """An entry of the registry; fields that its kind does not have are empty."""

    id: str = Field(description="Id of the subject, which never changes.")
    kind: KindField
    name: NameField
    names: dict[str, str] = Field(default_factory=dict, description="Its name by language (ISO 639).")
    aliases: tuple[str, ...] = Field((), description="Other names.")
    modes: tuple[Mode, ...] = Field((), description="Means of transport.")
    traffic: tuple[Traffic, ...] = Field((), description="Goods or people.")
    path: tuple[str, ...] = Field((), description="Territories along the way, with the gate between each two of them.")
    between: tuple[str, ...] = Field((), description="The two territories of a border or crossing point.")
    border: str | None = Field(None, description="Id of the border that the crossing point is on.")
    location: tuple[float, float] | None = Field(None, description="Longitude and latitude, WGS 84, approximate.")
    two_way: bool | None = Field(None, description="Whether the corridor is for both directions.")
    authority: str | None = Field(None, description="Id of the party that decides.")
    authorities: tuple[ChargeAnswer, ...] = Field(
        (), exclude_if=is_absent, description="Parties in charge, with their dates; absent where that never changes."
    )
    members: tuple[MemberAnswer, ...] = Field((), exclude_if=is_absent, description="Members of a bloc; else absent.")
    exists: ExistsAnswer | None = Field(None, exclude_if=is_absent, description=EXISTS)
    measure_kind: MeasureKind | None = Field(None, description="Whether the measure forbids or allows.")
    level: MeasureLevel | None = Field(None, description="Strictness of the measure.")
    scope: Scope | None = Field(None, description="Scope of the measure.")
    parties: tuple[str, ...] = Field((), description="Ids of the parties to the text.")
    group: str | None = Field(None, description="Group of the class: its classes exclude each other unless nested.")
    within: tuple[str, ...] = Field((), description="Ids of the classes that the class is within.")
    on_expiry: OnExpiryField = None
    extraterritorial: bool | None = Field(None, description="Whether the measure threatens those who pass elsewhere.")
    under: str | None = Field(None, description="Id of the text that the measure rests on.")
    unit: UnitField = None
    nomenclature: str | None = Field(None, description="Nomenclature of the measure's goods; null: HS 2022.")
    ids: dict[str, str] | None = Field(None, description="Official numbers by register; null: none.")
    note: str | None = Field(None, description="Remark of the coder.")


def subjects(record: Record, clocks: Clocks, kind: SubjectKind | None = None) -> list[SubjectAnswer]:
    """List the subjects registered by the clock of record, in the order of the registry."""
    view = record.at(clocks.known)
    registry = view.registry
    kinds = (registry.with_state, registry.territories, registry.parties, registry.classes)
    entries = [entry for table in kinds for entry in table.values()]
    return [_answer(view, entry, clocks.as_of) for entry in entries if kind in (None, entry.type)]


def subject(record: Record, clocks: Clocks, name: str) -> SubjectAnswer:
    """Answer for one entry by its id or a name: a subject with a state, else a territory, party or class.

    Raises: UnknownSubject.
    """
    view, at = record.at(clocks.known), clocks.as_of
    registry = view.registry
    if not registry.names.matching(name, KINDS):
        if registry.names.matching(name, (SubjectKind.TERRITORY,)):
            return _answer(view, registry.territories[find_territory(registry, name)], at)
        if registry.names.matching(name, (SubjectKind.PARTY,)):
            return _answer(view, registry.parties[find_party(registry, name)], at)
        if keys := registry.names.matching(name, (SubjectKind.CLASS,)):
            return _answer(view, registry.classes[keys[0]], at)
    return _answer(view, find(registry, name), at)


def _answer(view: View, subject: Subject, at: Instant) -> SubjectAnswer:
    assert not isinstance(subject, Dataset)
    common = {"id": subject.id, "kind": subject.type, "name": subject.name or subject.id, "note": subject.note}
    return SubjectAnswer.model_validate(common | dict(_fields_of_kind(view, subject, at)))


def _fields_of_kind(view: View, subject: Subject, at: Instant) -> Iterator[tuple[str, object]]:
    registry = view.registry
    if not isinstance(subject, Measure | Dataset | Instrument | FlowClass):
        yield "exists", exists_answer(view, subject)
    if not isinstance(subject, Measure | Dataset):
        yield "aliases", subject.aliases
    match subject:
        case Border() | Crossing() | Corridor():
            yield from _fields_of_lanes(view, subject)
        case Measure():
            yield "authority", subject.authority
            yield "measure_kind", subject.kind
            yield "level", subject.level
            yield "scope", subject.scope
            yield "on_expiry", subject.on_expiry
            yield "extraterritorial", subject.extraterritorial
            yield "under", subject.under
            yield "unit", subject.unit
            yield "nomenclature", subject.nomenclature
            yield "ids", subject.ids
        case Instrument():
            yield "parties", subject.parties
            yield "ids", subject.ids
        case Territory():
            own = charges(subject.authority, registry.tz)
            yield "authority", next((party for span, party in own if span.holds(at)), None)
            yield "authorities", charge_answers(view, ((subject.id, subject.authority),))
        case Party():
            yield "members", member_answers(view, subject)
        case FlowClass():
            yield "group", subject.group
            yield "within", subject.within
        case Dataset():
            pass


def charge_answers(view: View, sides: Sequence[tuple[str, Authority]]) -> tuple[ChargeAnswer, ...]:
    """The parties in charge of some sides, where one of them changes."""
    dated = [(side, charges(authority, view.tz)) for side, authority in sides]
    if all(len(own) == 1 for _, own in dated):
        return ()
    return tuple(
        ChargeAnswer(side=side, party=party, starts=moment_text(view, span.begin), until=moment_text(view, span.end))
        for side, own in dated
        for span, party in own
    )


def member_answers(view: View, bloc: Party) -> tuple[MemberAnswer, ...]:
    """The members of a bloc, with their dates."""
    return tuple(_member(view, member) for member in bloc.members)


def _member(view: View, member: Member) -> MemberAnswer:
    span = lifespan(member.starts, member.last_day, member.until, view.tz)
    return MemberAnswer(
        party=member.party,
        territory=member.territory,
        starts=moment_text(view, span.begin),
        until=moment_text(view, span.end),
        modes=member.modes,
    )


def _fields_of_lanes(view: View, subject: Border | Crossing | Corridor) -> Iterator[tuple[str, object]]:
    registry = view.registry
    yield "modes", subject.modes
    yield "traffic", subject.traffic
    yield "path", stations(registry, subject)
    match subject:
        case Border():
            yield "between", subject.between
        case Crossing():
            yield "between", registry.borders[subject.border].between
            yield "border", subject.border
            yield "location", subject.location
            yield "names", subject.names
            yield "authorities", charge_answers(view, registry.sides(subject))
        case Corridor():
            yield "two_way", subject.two_way
