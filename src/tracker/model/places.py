"""Parties, and the places of a registry: territories, borders, crossings and corridors."""

from typing import Annotated, Literal

from pydantic import Field, Strict, StrictBool, StringConstraints

from tracker.model.charges import Authority, Member
from tracker.model.dataset import TimeZone
from tracker.model.fields import PartyId, SubjectId, TerritoryId
from tracker.model.lifespans import Lived
from tracker.model.text import Line, NoteField
from tracker.model.vocabulary import Mode, PartyKind, SubjectKind, Traffic

Longitude = Annotated[float, Strict(), Field(ge=-180, le=180)]
Latitude = Annotated[float, Strict(), Field(ge=-90, le=90)]


class Party(Lived):
    """A party: it decides, acts or speaks."""

    type: Literal[SubjectKind.PARTY] = SubjectKind.PARTY
    id: PartyId
    name: Line
    kind: PartyKind
    members: tuple[Member, ...] = ()  # of a bloc
    aliases: tuple[Line, ...] = ()
    note: NoteField = None


class Territory(Lived):
    """A territory: a state, or a detached part of one."""

    type: Literal[SubjectKind.TERRITORY] = SubjectKind.TERRITORY
    id: TerritoryId
    name: Line
    authority: Authority  # a list where it changed
    transit: Literal["open"] | None = None
    timezone: TimeZone | None = None  # of the hours of measures; none: the dataset's
    aliases: tuple[Line, ...] = ()
    note: NoteField = None


class Border(Lived):
    """A border between two territories."""

    type: Literal[SubjectKind.BORDER] = SubjectKind.BORDER
    id: SubjectId
    name: Line | None = None
    between: tuple[TerritoryId, TerritoryId]
    modes: tuple[Mode, ...] = Field(min_length=1)
    traffic: tuple[Traffic, ...] = Field(default=(Traffic.GOODS, Traffic.PEOPLE), min_length=1)
    normally: Literal["open"] | None = None
    crossings: Literal["all", "some"] | None = None  # which of its crossings are registered; None counts as some
    aliases: tuple[Line, ...] = ()
    note: NoteField = None


class Crossing(Lived):
    """A crossing point on a border."""

    type: Literal[SubjectKind.CROSSING] = SubjectKind.CROSSING
    id: SubjectId
    border: SubjectId
    modes: tuple[Mode, ...] = Field(min_length=1)
    traffic: tuple[Traffic, ...] = Field(default=(Traffic.GOODS, Traffic.PEOPLE), min_length=1)
    names: dict[Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")], Line] = Field(min_length=1)
    location: tuple[Longitude, Latitude] | None = None
    authorities: dict[TerritoryId, Authority] | None = None  # of its sides, by territory; none: the territory's own
    timezone: TimeZone | None = None  # of the hours of measures; none: that of the authority's side
    aliases: tuple[Line, ...] = ()
    note: NoteField = None

    @property
    def name(self) -> str:
        return self.names.get("en") or next(iter(self.names.values()))


class Corridor(Lived):
    """A named route along territories, with a crossing point between two of them where it is fixed."""

    type: Literal[SubjectKind.CORRIDOR] = SubjectKind.CORRIDOR
    id: SubjectId
    name: Line
    path: tuple[SubjectId, ...] = Field(min_length=2)
    modes: tuple[Mode, ...] = Field(min_length=1)
    traffic: tuple[Traffic, ...] = Field(default=(Traffic.GOODS, Traffic.PEOPLE), min_length=1)
    two_way: StrictBool = True
    aliases: tuple[Line, ...] = ()
    note: NoteField = None
