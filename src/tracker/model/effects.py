"""Effects of an announcement on the world: a closed union.

The classes are also the schema of an `[[effect]]` in a file.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, get_args

from pydantic import Field, Strict, StrictBool, StringConstraints, model_validator

from tracker.model.dates import DayField, InstantField, WhenField
from tracker.model.fields import (
    DestinationField,
    Direction,
    DirectionField,
    GoodsField,
    HsPrefix,
    Id,
    InstrumentId,
    MeasureId,
    Model,
    ModesField,
    OnExpiryField,
    OnlyField,
    OriginField,
    PartyId,
    SubjectId,
    TerritoryId,
    TrafficField,
)
from tracker.model.hours import Hours
from tracker.model.text import Line, NoteField
from tracker.model.vocabulary import (
    Basis,
    MeasureLevel,
    Mode,
    PledgeKind,
    ReadinessState,
    Stage,
    Traffic,
)

PledgeId = Id
ExemptionId = Id
TARGET_PATTERN = r"^[A-Za-z0-9]+(-[A-Za-z0-9]+)*(#[1-9][0-9]*)?$"
MeasureField = Annotated[
    MeasureId | tuple[MeasureId, ...], Field(description="Id of the measure; a list where one act does it to several.")
]
PledgeField = Annotated[PledgeId, Field(description="Id of the pledge.")]
ExemptionField = Annotated[ExemptionId | None, Field(description="Id of the exemption; null: <announcement>-<n>.")]
Target = Annotated[
    str,
    StringConstraints(pattern=TARGET_PATTERN, max_length=100),
    Field(description="What is moved: the n-th effect of a statement, as <announcement>#<n>; an exemption or pledge."),
]
PlaceField = Annotated[SubjectId, Field(description="Id of the border, crossing point or corridor.")]
ConditionsField = Annotated[tuple[Line, ...], Field(description="How: with a licence, in convoy, nine a day.")]
AmountField = Annotated[
    Line | None, Field(description="Rate, volume or number of licences, as written, in the unit of the measure.")
]
HoursField = Annotated[Hours | None, Field(description="Times at which it applies (OpenStreetMap); null: always.")]
StartField = Annotated[WhenField | None, Field(alias="from", description="Start; null: when it was announced.")]
LastDayField = Annotated[DayField | None, Field(description="Last day on which it applies.")]
UntilField = Annotated[InstantField | None, Field(description="Instant from which it no longer applies.")]
OnField = Annotated[WhenField | None, Field(description="When it took place; null: when it was announced.")]


class Effect(Model):
    """Common to all effects."""

    basis: Basis | None = Field(None, description="Source of the knowledge; null: derived from who spoke.")
    note: NoteField = None


class Period(Effect):
    """An effect that may end: by a last day, inclusive, or at an instant, exclusive; never both."""

    starts: StartField = None
    last_day: LastDayField = None
    until: UntilField = None
    from_event: Line | None = Field(None, description="What it waits for: it has been decided, and its date not.")
    until_event: Line | None = Field(None, description="What ends it; a statement that it has happened does.")
    applied_from: DayField | None = Field(
        None, description="Day from which it was later decided to have applied; it changes no state."
    )

    @model_validator(mode="after")
    def _one_end(self) -> "Period":
        _one_of_both(self.last_day, self.until)
        if self.from_event is not None and self.starts is not None:
            raise ValueError("has both `from` and `from_event` (a date to be set): keep one")
        return self


def _one_of_both(last_day: object, until: object) -> None:
    if last_day is not None and until is not None:
        raise ValueError("has both `last_day` (inclusive) and `until` (exclusive): keep one")


class OnMeasure(Period):
    """An effect on one measure, or the same on several."""

    measure: MeasureField

    @model_validator(mode="after")
    def _several_differ(self) -> "OnMeasure":
        if isinstance(self.measure, tuple) and (not self.measure or len({*self.measure}) < len(self.measure)):
            raise ValueError("has a list of measures that is empty or repeats one: name each once")
        return self


class Impose(OnMeasure):
    """A restriction enters into force."""

    type: Literal["impose"] = "impose"
    level: MeasureLevel | None = Field(None, description="Strictness; null: the level of the measure.")
    only: OnlyField = None
    conditions: ConditionsField = ()
    when: HoursField = None
    amount: AmountField = None
    on_expiry: OnExpiryField = None


class Extend(Period):
    """A restriction, a permission or an exemption continues to a later end, as it is but for what is given."""

    type: Literal["extend"] = "extend"
    measure: MeasureField | None = Field(None, description="Id of the measure, or several; null: an exemption.")
    exemption: ExemptionField = None
    level: MeasureLevel | None = Field(None, description="Strictness; null: as before.")
    only: OnlyField = None
    conditions: ConditionsField = ()
    when: HoursField = None
    amount: AmountField = None
    on_expiry: OnExpiryField = None

    @model_validator(mode="after")
    def _has_an_end(self) -> "Extend":
        _one_target(self.measure, self.exemption)
        if self.last_day is None and self.until is None and self.until_event is None:
            raise ValueError("extends to no end: give `last_day` or `until`, or use `impose` for an open end")
        return self


class Exempt(OnMeasure):
    """Flows within a scope are free of a measure; under conditions they stay restricted."""

    type: Literal["exempt"] = "exempt"
    exemption: ExemptionField = None
    at: tuple[SubjectId, ...] | None = Field(None, description="Places; null: everywhere the measure applies.")
    direction: DirectionField = None
    modes: ModesField = None
    traffic: TrafficField = None
    origin: OriginField = None
    destination: DestinationField = None
    goods: GoodsField = None
    only: OnlyField = None
    conditions: ConditionsField = ()
    when: HoursField = None
    amount: AmountField = None


class Lift(Period):
    """A restriction or an exemption ends, or is suspended until a date."""

    type: Literal["lift"] = "lift"
    measure: MeasureField | None = Field(None, description="Id of the measure, or several; null: an exemption.")
    exemption: ExemptionField = None

    @model_validator(mode="after")
    def _has_one_target(self) -> "Lift":
        _one_target(self.measure, self.exemption)
        return self


def _one_target(measure: object, exemption: object) -> None:
    if (measure is None) == (exemption is None):
        raise ValueError("needs either a `measure` or an `exemption`: give one of them")


class Reschedule(Effect):
    """An announced start, end or due date is put off or brought forward; what is not given stays as it was."""

    type: Literal["reschedule"] = "reschedule"
    of: Target
    starts: Annotated[WhenField | None, Field(alias="from", description="New start; null: as it was.")] = None
    last_day: LastDayField = None
    until: UntilField = None
    due: DayField | None = Field(None, description="New due date of a pledge.")
    on_expiry: OnExpiryField = None

    @model_validator(mode="after")
    def _moves_something(self) -> "Reschedule":
        _one_of_both(self.last_day, self.until)
        if self.starts is None and self.last_day is None and self.until is None and self.due is None:
            raise ValueError("moves nothing: give the new `from`, `last_day`, `until` or `due`")
        return self


class Cancel(Effect):
    """An announced change that has not begun will not happen."""

    type: Literal["cancel"] = "cancel"
    of: Target


class Permit(OnMeasure):
    """An affirmative permission starts."""

    type: Literal["permit"] = "permit"
    only: OnlyField = None
    conditions: ConditionsField = ()
    when: HoursField = None
    amount: AmountField = None
    on_expiry: OnExpiryField = None


class Revoke(OnMeasure):
    """An affirmative permission ends."""

    type: Literal["revoke"] = "revoke"


class Readiness(Effect):
    """A party's statement about the infrastructure of a place."""

    type: Literal["readiness"] = "readiness"
    at: PlaceField
    party: PartyId = Field(description="Id of the party whose readiness it is.")
    modes: tuple[Mode, ...] = Field(min_length=1, description="Means of transport that it serves.")
    state: ReadinessState = Field(description="State of the infrastructure.")
    starts: StartField = None


class Pledge(Effect):
    """A declared intent; it changes no state by itself."""

    type: Literal["pledge"] = "pledge"
    pledge: PledgeField
    kind: PledgeKind = Field(description="How firmly the intent was expressed.")
    parties: tuple[PartyId, ...] = Field(min_length=1, description="Ids of the parties that make it.")
    at: tuple[SubjectId, ...] = Field((), description="Ids of the places and texts that it is about.")
    modes: tuple[Mode, ...] | None = Field(None, description="Means of transport; null: all that the places have.")
    traffic: TrafficField = None
    text: Line = Field(description="Content of the pledge, in the coder's words.")
    due: DayField | None = Field(None, description="Day by which it is to be done.")


class Fulfil(Effect):
    """A pledge has been carried out."""

    type: Literal["fulfil"] = "fulfil"
    pledge: PledgeField
    on: OnField = None


class Withdraw(Effect):
    """A pledge is taken back."""

    type: Literal["withdraw"] = "withdraw"
    pledge: PledgeField
    on: OnField = None


class Passage(Effect):
    """Traffic that was seen to pass, or a report that none passed."""

    type: Literal["passage"] = "passage"
    at: PlaceField
    mode: Mode = Field(description="Means of transport.")
    traffic: Traffic = Field(description="Goods or people.")
    on: OnField = None
    direction: Direction | None = Field(
        None, description="Direction, as FROM>TO; null: from `origin` and `destination`, or not known."
    )
    cargo: Line | None = Field(None, description="Cargo, in words.")
    hs: HsPrefix | None = Field(None, description="HS 2022 prefix of the cargo.")
    quantity: Annotated[float, Strict(), Field(gt=0, allow_inf_nan=False)] | None = Field(
        None, description="Tonnes of goods, or persons."
    )
    origin: TerritoryId | None = Field(None, description="Id of the territory where the flow starts.")
    destination: TerritoryId | None = Field(None, description="Id of the territory where the flow ends.")
    none: StrictBool = Field(False, description="Whether it is a report that nothing passed.")


class StageReached(Effect):
    """A text reaches a stage of its life cycle, overall or for one party."""

    type: Literal["stage"] = "stage"
    instrument: InstrumentId = Field(description="Id of the text.")
    stage: Stage = Field(description="Stage that it reaches.")
    party: PartyId | None = Field(None, description="Id of the party whose stage it is; null: of all parties.")
    on: OnField = None


class Control(Effect):
    """A party begins to staff a crossing point."""

    type: Literal["control"] = "control"
    at: PlaceField
    by: PartyId = Field(description="Id of the party that staffs it.")
    starts: StartField = None


AnyEffect = Annotated[
    Impose
    | Extend
    | Exempt
    | Lift
    | Reschedule
    | Cancel
    | Permit
    | Revoke
    | Readiness
    | Pledge
    | Fulfil
    | Withdraw
    | Passage
    | StageReached
    | Control,
    Field(discriminator="type"),
]
MeasureEffect = Impose | Extend | Exempt | Lift | Permit | Revoke
EFFECTS: Mapping[str, type[AnyEffect]] = {  # by type
    model.model_fields["type"].default: model for model in get_args(get_args(AnyEffect)[0])
}


def names_of(ids: str | Sequence[str] | None) -> tuple[str, ...]:
    """The ids of a key that may hold one id, several, or none."""
    return (ids,) if isinstance(ids, str) else tuple(ids or ())
