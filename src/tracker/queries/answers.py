"""The shapes of answers about states. They are the JSON contract: see docs/json.md.

Dates are days where they fall on midnight of the dataset's time zone, "[a..b]" where uncertain, else instants with
their offset; `until` is exclusive.
"""

from pydantic import Field

from tracker.model.vocabulary import (
    Basis,
    Level,
    MeasureLevel,
    MeasureState,
    Mode,
    PledgeKind,
    PledgeStatus,
    ReadinessState,
    Stage,
    Status,
    SubjectKind,
    Traffic,
)
from tracker.queries.answer import Answer


class Asked(Answer):
    """The clocks of the question, as asked; null means everything."""

    as_of: str
    announced_by: str | None
    recorded_by: str | None


class Uncertain(Answer):
    """What it would be if an uncertain date fell on another of its days."""

    alternative: str | None
    starts: str | None = Field(alias="from")
    ends: str | None = Field(alias="to")


class CauseAnswer(Answer):
    """One authority's word, or silence, at one place."""

    place: str
    authority: str
    level: Level
    basis: Basis | None  # null: no statement, an assumption
    measure: str | None
    announcement: str | None
    since: str | None
    until: str | None = None
    limits: tuple[str, ...] = ()
    lapsed: bool = False
    required: bool = True  # false: somebody whose leave is not needed stands in the way
    unverified: bool = False
    reason: str


class ReadinessAnswer(Answer):
    place: str
    party: str
    mode: Mode
    state: ReadinessState
    basis: Basis
    announcement: str
    since: str | None


class PassagesAnswer(Answer):
    """What was seen to pass since the lane last became passable; tonnes of goods, or persons."""

    count: int
    first: str | None
    last: str | None
    quantity: float | None
    announcements: tuple[str, ...] = ()
    none_reported: str | None = None  # the newest report that nothing passed


class UpcomingAnswer(Answer):
    """A change known for later than the date asked about."""

    at: str
    status: Status
    measure: str | None
    change: str  # in words
    announcement: str | None
    announced: str | None
    foreseen: bool  # announced by the date asked about


class PledgeAnswer(Answer):
    """What was promised, and what became of it."""

    pledge: str
    kind: PledgeKind
    parties: tuple[str, ...]
    at: tuple[str, ...]
    text: str
    status: PledgeStatus
    announced: str | None
    announcement: str
    due: str | None
    ended: str | None
    ended_by: str | None
    lag_days: int | None
    overdue_days: int | None


class LaneAnswer(Answer):
    mode: Mode
    traffic: Traffic
    direction: str
    status: Status
    since: str | None
    uncertain: Uncertain | None
    disputed: tuple[str, ...]
    because: tuple[CauseAnswer, ...]
    readiness: tuple[ReadinessAnswer, ...]
    passages: PassagesAnswer
    upcoming: tuple[UpcomingAnswer, ...]
    pledges: tuple[PledgeAnswer, ...]
    stale_days: int | None
    reason: str  # the decisive one, in words


class ControlAnswer(Answer):
    """Who staffs a crossing."""

    by: str
    since: str | None
    announcement: str


class LanesState(Asked):
    """A border, crossing or corridor."""

    subject: str
    kind: SubjectKind
    name: str
    lanes: tuple[LaneAnswer, ...]
    control: ControlAnswer | None = None


class MeasureAnswer(Asked):
    """A measure."""

    subject: str
    kind: SubjectKind
    name: str
    authority: str
    state: MeasureState
    level: MeasureLevel | None
    limits: tuple[str, ...]
    since: str | None
    until: str | None
    uncertain: Uncertain | None
    disputed: tuple[str, ...]
    basis: Basis | None
    announcement: str | None
    unverified: bool
    reason: str


class PartyStage(Answer):
    party: str
    stage: Stage
    since: str | None
    announcement: str


class InstrumentAnswer(Asked):
    """A text with a life cycle."""

    subject: str
    kind: SubjectKind
    name: str
    stage: Stage | None
    by_party: dict[str, Stage]
    since: str | None
    uncertain: Uncertain | None
    announcement: str | None
    unverified: bool
    parties: tuple[PartyStage, ...]
    pledges: tuple[PledgeAnswer, ...]
    reason: str


StateAnswer = LanesState | MeasureAnswer | InstrumentAnswer
