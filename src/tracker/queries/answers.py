"""The shapes of the answers. They are the JSON contract: see docs/json.md.

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


class Change(Answer):
    """From when on something was so, and the announcements that made it so."""

    at: str | None  # null: since before the record begins
    until: str | None
    status: str  # of a lane; the state of a measure; the stage of a text
    reason: str
    announcements: tuple[str, ...]


class LaneChanges(Answer):
    mode: Mode
    traffic: Traffic
    direction: str
    changes: tuple[Change, ...]


class HistoryAnswer(Answer):
    """Every change of a subject's status; of its lanes where it has some."""

    subject: str
    kind: SubjectKind
    name: str
    announced_by: str | None
    recorded_by: str | None
    lanes: tuple[LaneChanges, ...] = ()
    changes: tuple[Change, ...] = ()


class Difference(Answer):
    """What was one thing at the first clocks and is another at the second."""

    subject: str
    kind: SubjectKind
    name: str
    mode: Mode | None
    traffic: Traffic | None
    direction: str | None
    before: str
    after: str
    reason_before: str
    reason_after: str


class DiffAnswer(Answer):
    before: Asked
    after: Asked
    differences: tuple[Difference, ...]


class Event(Answer):
    """One change in a replay."""

    at: str
    subject: str
    kind: SubjectKind
    mode: Mode | None
    traffic: Traffic | None
    direction: str | None
    before: str | None
    after: str
    reason: str
    announcements: tuple[str, ...]


class Frame(Answer):
    """All that changed at one step of a replay."""

    at: str
    events: tuple[Event, ...]


class SpeakerAnswer(Answer):
    party: str
    name: str | None
    office: str | None


class SourceAnswer(Answer):
    publisher: str
    title: str | None
    published: str | None
    url: str | None


class AnnouncementAnswer(Answer):
    """One statement on the record, as it is known by the clocks of the question."""

    id: str
    announced: str | None
    by: tuple[SpeakerAnswer, ...]
    summary: str
    note: str | None
    status: str
    sources: tuple[SourceAnswer, ...]
    effects: tuple[str, ...]  # types, in order
    about: tuple[str, ...]  # ids of what the effects are about
    relations: tuple[tuple[str, str], ...]
    denied_by: tuple[str, ...]
    version: int
    versions: int
    retracted: bool
    position: int
    recorded_at: str
    digest: str


class VersionAnswer(Answer):
    """What an announcement's content was held to be from one statement on."""

    number: int
    kind: str  # recorded, corrected, retracted
    statement: str  # the id of the file
    announced: str | None
    reason: str | None
    position: int
    recorded_at: str
    recorded_by: str | None
    approved_by: str | None  # where somebody else handed it in
    digest: str
    content: dict[str, object] | None


class EffectAnswer(Answer):
    """What one effect of an announcement amounts to at the date asked about."""

    number: int
    type: str
    track: str
    basis: Basis
    starts: str | None = Field(alias="from")
    ends: str | None = Field(alias="to")
    standing: str  # decides, upcoming, ended, or superseded
    superseded_by: str | None


class ShowAnswer(Asked):
    """One announcement: every version, and what it changes at the date asked about."""

    announcement: AnnouncementAnswer
    versions: tuple[VersionAnswer, ...]
    effects: tuple[EffectAnswer, ...]
