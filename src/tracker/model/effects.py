"""Effects of an announcement on the world: a closed union.

The classes are also the schema of an `[[effect]]` in a file.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, get_args

from pydantic import Field, Strict, StrictBool, model_validator

from tracker.model.dates import DayField, InstantField, WhenField
from tracker.model.fields import (
    DestinationField,
    Direction,
    DirectionField,
    HsPrefix,
    Id,
    InstrumentId,
    MeasureId,
    Model,
    ModesField,
    OriginField,
    PartyId,
    SubjectId,
    TerritoryId,
    TrafficField,
)
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
MeasureField = Annotated[MeasureId, Field(description="Id of the measure.")]
PledgeField = Annotated[PledgeId, Field(description="Id of the pledge.")]
PlaceField = Annotated[SubjectId, Field(description="Id of the border, crossing point or corridor.")]
LimitsField = Annotated[tuple[Line, ...], Field(description="Limits on what may pass, in words.")]
StartField = Annotated[WhenField | None, Field(alias="from", description="Start; null: when it was announced.")]
OnField = Annotated[WhenField | None, Field(description="When it took place; null: when it was announced.")]
Score = Annotated[int, Strict(), Field(ge=0, le=1000)]


class Effect(Model):
    """Common to all effects."""

    basis: Basis | None = Field(None, description="Source of the knowledge; null: derived from who spoke.")
    note: NoteField = None


class Period(Effect):
    """An effect that may end: by a last day, inclusive, or at an instant, exclusive; never both."""

    starts: StartField = None
    last_day: DayField | None = Field(None, description="Last day on which it applies.")
    until: InstantField | None = Field(None, description="Instant from which it no longer applies.")

    @model_validator(mode="after")
    def _one_end(self) -> "Period":
        if self.last_day is not None and self.until is not None:
            raise ValueError("has both `last_day` (inclusive) and `until` (exclusive): keep one")
        return self


class Impose(Period):
    """A restriction enters into force."""

    type: Literal["impose"] = "impose"
    measure: MeasureField
    level: MeasureLevel | None = Field(None, description="Strictness; null: the level of the measure.")
    score: Score | None = Field(None, description="Level on the source's own ordinal scale, from 0 to 1000.")
    limits: LimitsField = ()


class Extend(Period):
    """A restriction continues to a new end."""

    type: Literal["extend"] = "extend"
    measure: MeasureField

    @model_validator(mode="after")
    def _has_an_end(self) -> "Extend":
        if self.last_day is None and self.until is None:
            raise ValueError("extends to no end: give `last_day` or `until`, or use `impose` for an open end")
        return self


class Ease(Period):
    """A restriction is narrowed, perhaps for a while; lanes outside the narrower scope keep the full level."""

    type: Literal["ease"] = "ease"
    measure: MeasureField
    limits: LimitsField = Field(min_length=1)
    at: tuple[SubjectId, ...] | None = Field(None, description="Places; null: everywhere the measure applies.")
    direction: DirectionField = None
    modes: ModesField = None
    traffic: TrafficField = None
    origin: OriginField = None
    destination: DestinationField = None


class Lift(Period):
    """A restriction ends, or is suspended until a date."""

    type: Literal["lift"] = "lift"
    measure: MeasureField


class Permit(Period):
    """An affirmative permission starts."""

    type: Literal["permit"] = "permit"
    measure: MeasureField
    limits: LimitsField = ()


class Revoke(Period):
    """An affirmative permission ends."""

    type: Literal["revoke"] = "revoke"
    measure: MeasureField


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
    | Ease
    | Lift
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
EFFECTS: Mapping[str, type[AnyEffect]] = {  # by type
    model.model_fields["type"].default: model for model in get_args(get_args(AnyEffect)[0])
}
