"""Base of all models, and the ids and fields that several of them share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from tracker.model.text import Line
from tracker.model.vocabulary import Mode, OnExpiry, Traffic

ID_PATTERN = r"^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$"
ID_RULE = "letters a-z or A-Z, digits and single hyphens, at most 80 characters, e.g. az-transit-bar or AM-TR"
DIRECTION_PATTERN = r"^[A-Za-z0-9-]+>[A-Za-z0-9-]+$"

Id = Annotated[str, StringConstraints(pattern=ID_PATTERN, max_length=80)]
PartyId = Id
TerritoryId = Id
SubjectId = Id
MeasureId = Id
ClassId = Id
InstrumentId = Id
Direction = Annotated[str, StringConstraints(pattern=DIRECTION_PATTERN)]
HsPrefix = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,10}$")]

ALL_BUT = "!"  # before a word of a list of places, goods or classes: it is not meant
LISTED_ID_PATTERN = r"^!?[A-Za-z0-9]+(-[A-Za-z0-9]+)*$"
LISTED_HS_PATTERN = r"^!?[0-9]{2,10}$"
ListedTerritory = Annotated[str, StringConstraints(pattern=LISTED_ID_PATTERN, max_length=81)]
ListedHsPrefix = Annotated[str, StringConstraints(pattern=LISTED_HS_PATTERN)]

# of scopes and exemptions, which apply where all of these match
ModesField = Annotated[tuple[Mode, ...] | None, Field(description="Means of transport; null: all.")]
TrafficField = Annotated[tuple[Traffic, ...] | None, Field(description="Goods or people; null: both.")]
OriginField = Annotated[
    tuple[ListedTerritory, ...] | None,
    Field(description="Territories where the flow starts; with ! before: all but these; null: any."),
]
DestinationField = Annotated[
    tuple[ListedTerritory, ...] | None,
    Field(description="Territories where the flow ends; with ! before: all but these; null: any."),
]
OnlyField = Annotated[
    tuple[Line, ...] | None,
    Field(description="For whom or what: classes, in words; with ! before: all but these; null: all."),
]
GoodsField = Annotated[
    tuple[ListedHsPrefix, ...] | None,
    Field(description="HS 2022 prefixes; with ! before: all but these; null: all goods."),
]
NamedField = Annotated[
    tuple[Line, ...] | None, Field(min_length=1, description="Firms, ships or persons that it names; null: all.")
]
OnExpiryField = Annotated[
    OnExpiry | None, Field(description="Meaning of its end: over by its own terms, or unknown how it goes on.")
]
DirectionField = Annotated[Direction | None, Field(description="Direction of the flow, as FROM>TO; null: any.")]


class Model(BaseModel):
    """Base of all models: frozen, and closed to unknown keys."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        defer_build=True,
        protected_namespaces=(),  # spares a check of every field at each start
    )
