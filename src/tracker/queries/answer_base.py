"""The base of all answers, and the fields that many have, with their descriptions in the JSON contract."""

from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, Field
from pydantic_core import PydanticUndefined

from tracker.model.fields import Model
from tracker.model.unvalidated import fill
from tracker.model.vocabulary import Basis, Mode, Status, SubjectKind, Traffic

DATE = 'A day, "[a..b]" where it is uncertain, or an instant with its offset.'
AnnouncedByField = Annotated[str | None, Field(description="Only announcements made by then count; null: all of them.")]
RecordedByField = Annotated[str | None, Field(description="Only events recorded by then count; null: all of them.")]
SubjectField = Annotated[str, Field(description="Id of the subject.")]
KindField = Annotated[SubjectKind, Field(description="Kind of the subject.")]
NameField = Annotated[str, Field(description="Name of the subject.")]
ModeField = Annotated[Mode, Field(description="Means of transport.")]
TrafficField = Annotated[Traffic, Field(description="Goods or people.")]
LaneModeField = Annotated[Mode | None, Field(description="Means of transport; null: not about a lane.")]
LaneTrafficField = Annotated[Traffic | None, Field(description="Goods or people; null: not about a lane.")]
LaneDirectionField = Annotated[str | None, Field(description="Direction, as FROM>TO; null: not about a lane.")]
SinceField = Annotated[
    str | None, Field(description=f"Since when it has been so; null: since before the record begins. {DATE}")
]
UntilField = Annotated[str | None, Field(description=f"End, exclusive; null: none is known. {DATE}")]
ReasonField = Annotated[str, Field(description="Decisive reason, in words.")]
PlaceField = Annotated[str, Field(description="Id of the place.")]
PartyField = Annotated[str, Field(description="Id of the party.")]
BasisField = Annotated[
    Basis,
    Field(
        description="Source: declared by the authority itself, observed by press or operators, or reported by others."
    ),
]
LimitsField = Annotated[tuple[str, ...], Field(description="For whom it is, and how, in words.")]
AnnouncementField = Annotated[str, Field(description="Id of the announcement that says so.")]
CauseField = Annotated[str | None, Field(description="Id of the announcement that decides; null: there is none.")]
AnnouncementsField = Annotated[tuple[str, ...], Field(description="Ids of the announcements that caused it.")]
DisputedField = Annotated[
    tuple[str, ...], Field(description="Ids of announcements in which another party denies one of the causes.")
]
UnverifiedField = Annotated[bool, Field(description="Whether the coder could not verify the announcement.")]
SEVERITIES = (
    "Severity of the status: 0 operating, 1 open, 2 presumed, 3 restricted, 4 restricted where the rest may not pass, "
    "5 unready, 6 one-sided, 7 unverified, 8 closed; passable is 0 to 4"
)
SeverityField = Annotated[int, Field(description=f"{SEVERITIES}.")]
OtherwiseField = Annotated[
    Status | None,
    Field(
        description="Of a restricted lane, the status of the flow that none of the classes and exemptions holds; "
        "null: it is restricted, too, or the lane is not."
    ),
]
ButForField = Annotated[
    tuple[str, ...],
    Field(
        description="Of a restricted lane whose rest has another status, in words: who or what may pass where the rest "
        "may not, or may not where the rest may; empty where no words are on record."
    ),
]
AmountField = Annotated[str | None, Field(description="Rate, volume or number, as written; null: none.")]
UnitField = Annotated[str | None, Field(description="Unit of amounts; null: the measure has none.")]
HoursField = Annotated[str | None, Field(description="Times at which it applies, as written; null: always.")]
UntilEventField = Annotated[str | None, Field(description="What ends it, in words; null: nothing is named.")]
CoversUntilField = Annotated[
    str | None,
    Field(
        description="Last day up to which the coders have looked, where the date asked about is later; null: "
        "it is not later, or the dataset does not say."
    ),
]


class Answer(Model):
    """Base of all answers, which are not validated when a query makes one.

    The queries fill it, and mypy checks the values: building pydantic's validators takes longer than most queries.
    Validation of JSON works as in any model.
    """

    if not TYPE_CHECKING:

        def __init__(self, **values: Any) -> None:
            fill(self, {**_defaults(type(self)), **values}, set(values))

        __init__.__pydantic_base_init__ = True  # so that validation does not pass through here


@cache
def _defaults(cls: type[BaseModel]) -> dict[str, Any]:
    """The default of each field, in the order of the fields; None for required fields."""
    fields = cls.model_fields.items()
    return {name: None if field.default is PydanticUndefined else field.default for name, field in fields}


def is_absent(value: object) -> bool:
    """Whether a field is left out of the JSON: nothing is in it."""
    return value is None or value == ()
