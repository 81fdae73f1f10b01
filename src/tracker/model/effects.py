"""What an official does to the world by announcing it: the closed union of effects.

The classes are also the schema of an `[[effect]]` in a file.
"""

from typing import Annotated, Literal

from pydantic import Field, Strict, StrictBool, model_validator

from tracker.model.dates import DayField, InstantField, WhenField
from tracker.model.registry import (
    Direction,
    HsPrefix,
    Id,
    InstrumentId,
    MeasureId,
    Model,
    PartyId,
    SubjectId,
    TerritoryId,
)
from tracker.model.text import Line, Prose
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
Score = Annotated[int, Strict(), Field(ge=0, le=1000)]  # the level's number on a source's own ordinal scale


class Effect(Model):
    """What an announcement changes in the world."""

    basis: Basis | None = None  # None: derived from who spoke
    note: Prose | None = None


class Period(Effect):
    """An effect that may end: by a last day, inclusive, or at an instant, exclusive; never both."""

    starts: WhenField | None = Field(default=None, alias="from")  # None: when it was announced
    last_day: DayField | None = None
    until: InstantField | None = None

    @model_validator(mode="after")
    def _one_end(self) -> "Period":
        if self.last_day is not None and self.until is not None:
            raise ValueError("has both `last_day` (inclusive) and `until` (exclusive): keep one")
        return self


class Impose(Period):
    """A restriction enters into force."""

    type: Literal["impose"] = "impose"
    measure: MeasureId
    level: MeasureLevel | None = None
    score: Score | None = None
    limits: tuple[Line, ...] = ()


class Extend(Period):
    """A restriction goes on to a new end."""

    type: Literal["extend"] = "extend"
    measure: MeasureId

    @model_validator(mode="after")
    def _has_an_end(self) -> "Extend":
        if self.last_day is None and self.until is None:
            raise ValueError("extends to no end: give `last_day` or `until`, or use `impose` for an open end")
        return self


class Ease(Period):
    """A restriction is narrowed, perhaps for a while; lanes outside the narrower scope keep the full level."""

    type: Literal["ease"] = "ease"
    measure: MeasureId
    limits: tuple[Line, ...] = Field(min_length=1)
    at: tuple[SubjectId, ...] | None = None  # None: everywhere the measure applies
    direction: Direction | None = None
    modes: tuple[Mode, ...] | None = None
    traffic: tuple[Traffic, ...] | None = None
    origin: tuple[TerritoryId, ...] | None = None
    destination: tuple[TerritoryId, ...] | None = None


class Lift(Period):
    """A restriction ends, or is suspended until a date."""

    type: Literal["lift"] = "lift"
    measure: MeasureId


class Permit(Period):
    """An affirmative permission starts."""

    type: Literal["permit"] = "permit"
    measure: MeasureId
    limits: tuple[Line, ...] = ()


class Revoke(Period):
    """An affirmative permission ends."""

    type: Literal["revoke"] = "revoke"
    measure: MeasureId


class Readiness(Effect):
    """What a party says of the infrastructure of a place."""

    type: Literal["readiness"] = "readiness"
    at: SubjectId
    party: PartyId
    modes: tuple[Mode, ...] = Field(min_length=1)
    state: ReadinessState
    starts: WhenField | None = Field(default=None, alias="from")


class Pledge(Effect):
    """Intent; it changes no state by itself."""

    type: Literal["pledge"] = "pledge"
    pledge: PledgeId
    kind: PledgeKind
    parties: tuple[PartyId, ...] = Field(min_length=1)
    at: tuple[SubjectId, ...] = ()
    modes: tuple[Mode, ...] | None = None  # None: whatever the places have
    text: Line
    due: DayField | None = None


class Fulfil(Effect):
    """What a pledge promised has been done."""

    type: Literal["fulfil"] = "fulfil"
    pledge: PledgeId
    on: WhenField | None = None  # None: when it was announced


class Withdraw(Effect):
    """A pledge is taken back."""

    type: Literal["withdraw"] = "withdraw"
    pledge: PledgeId
    on: WhenField | None = None


class Passage(Effect):
    """Traffic that was seen to pass, or was reported not to."""

    type: Literal["passage"] = "passage"
    at: SubjectId
    mode: Mode
    traffic: Traffic
    on: WhenField | None = None
    direction: Direction | None = None  # None: from `origin` and `destination`, or not known
    cargo: Line | None = None
    hs: HsPrefix | None = None
    quantity: Annotated[float, Strict(), Field(gt=0, allow_inf_nan=False)] | None = None  # tonnes, or persons
    origin: TerritoryId | None = None
    destination: TerritoryId | None = None
    none: StrictBool = False  # reported as none


class StageReached(Effect):
    """A text reaches a stage of its life, overall or for one party."""

    type: Literal["stage"] = "stage"
    instrument: InstrumentId
    stage: Stage
    party: PartyId | None = None
    on: WhenField | None = None


class Control(Effect):
    """Who staffs a crossing."""

    type: Literal["control"] = "control"
    at: SubjectId
    by: PartyId
    starts: WhenField | None = Field(default=None, alias="from")


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
