"""Answers about states. The models are the JSON contract: see docs/json.md.

Dates are days where they fall on midnight of the dataset's time zone, "[a..b]" where uncertain, else instants with
their offset; `until` is exclusive.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, overload

from pydantic import Field, PlainSerializer

from tracker.model.vocabulary import (
    Basis,
    Level,
    PledgeKind,
    PledgeStatus,
    ReadinessState,
    Status,
)
from tracker.queries.answer_base import (
    DATE,
    AmountField,
    AnnouncedByField,
    AnnouncementField,
    Answer,
    BasisField,
    ButForField,
    CauseField,
    CoversUntilField,
    DisputedField,
    HoursField,
    KindField,
    LimitsField,
    ModeField,
    NameField,
    OtherwiseField,
    PartyField,
    PlaceField,
    ReasonField,
    RecordedByField,
    SeverityField,
    SinceField,
    SubjectField,
    TrafficField,
    UnitField,
    UntilEventField,
    UntilField,
    UnverifiedField,
    is_absent,
)

if TYPE_CHECKING:
    from tracker.state.consents import Cause
    from tracker.state.many_causes import ManyCauses


class ClocksAnswer(Answer):
    """The clocks of a question, as asked."""

    as_of: str = Field(description="The date in the world that the answer is for.")
    announced_by: AnnouncedByField
    recorded_by: RecordedByField
    supposed: tuple[str, ...] = Field(
        (), exclude_if=is_absent, description="Statements supposed for this answer, as asked; absent where none is."
    )


class SubjectState(ClocksAnswer):
    """Common to the states of all subjects."""

    subject: SubjectField
    kind: KindField
    name: NameField
    covers_until: CoversUntilField = None


class Uncertain(Answer):
    """An uncertain state: another one is possible, because a date may fall on another of its days."""

    alternative: str | None = Field(description="State if the date falls on another of its days.")
    starts: str | None = Field(alias="from", description="Start of the time in which either may be true.")
    ends: str | None = Field(alias="to", description="End of that time, exclusive.")


UncertainField = Annotated[
    Uncertain | None, Field(description="The other possible state, where a date is uncertain; null: none.")
]


class CauseAnswer(Answer):
    """The effect of one authority's measures, or of its silence, at one place."""

    place: PlaceField
    authority: str = Field(description="Id of the party that decides about the place.")
    level: Level = Field(description="Effect of its measures on the lane.")
    basis: Basis | None = Field(description="Source of the knowledge; null: no statement, an assumption.")
    measure: str | None = Field(description="Id of the measure; null: there is none.")
    announcement: str | None = Field(description="Id of the announcement that says so; null: no statement.")
    since: SinceField
    until: UntilField = None
    limits: LimitsField = ()
    amount: AmountField = None
    unit: UnitField = None
    hours: HoursField = None
    until_event: UntilEventField = None
    lapsed: bool = Field(False, description="Whether the measure ran out with no decision, so its state is unknown.")
    required: bool = Field(
        True, description="Whether the authority's consent is needed; false: it obstructs all the same."
    )
    unverified: UnverifiedField = False
    reason: ReasonField


class ManyCauseAnswers(Sequence[CauseAnswer]):
    """The answers for many causes, made when they are looked at; equal to the tuple of them."""

    def __init__(self, causes: "ManyCauses", make: "Callable[[Cause], CauseAnswer]") -> None:
        self._causes, self._make = causes, make

    def __len__(self) -> int:
        return len(self._causes)

    @overload
    def __getitem__(self, index: int) -> CauseAnswer: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[CauseAnswer]: ...
    def __getitem__(self, index: int | slice) -> CauseAnswer | Sequence[CauseAnswer]:
        if isinstance(index, slice):
            return tuple(map(self._make, self._causes[index]))
        return self._make(self._causes[index])

    def __iter__(self) -> Iterator[CauseAnswer]:
        return map(self._make, self._causes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, tuple | ManyCauseAnswers) and len(self) == len(other) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    @property
    def kinds(self) -> tuple[CauseAnswer, ...]:
        """The first of each kind: those of one kind differ in their measures, dates and words alone."""
        return tuple(map(self._make, self._causes.kinds))

    @property
    def worst(self) -> Hashable:
        """Equal only where the worst answers have the same words, whatever their order; but for their places."""
        return self._causes.worst


if TYPE_CHECKING:
    CauseAnswers = Sequence[CauseAnswer]
else:
    _MADE = tuple[CauseAnswer, ...]
    CauseAnswers = Annotated[_MADE, PlainSerializer(tuple, return_type=_MADE)]


class BesideAnswer(Answer):
    """A measure that is shown beside the status of a lane, and takes no part in it."""

    place: PlaceField
    authority: str = Field(description="Id of the party whose measure it is.")
    measure: str = Field(description="Id of the measure.")
    amount: AmountField = None
    unit: UnitField = None
    hours: HoursField = None
    limits: LimitsField = ()
    basis: BasisField
    announcement: AnnouncementField
    since: SinceField
    until: UntilField = None
    unverified: UnverifiedField = False
    reason: ReasonField


class ReadinessAnswer(Answer):
    """The state of the infrastructure of a place, as a party gives it."""

    place: PlaceField
    party: PartyField
    mode: ModeField
    state: ReadinessState = Field(description="State of the infrastructure.")
    basis: BasisField
    announcement: AnnouncementField
    since: SinceField


class PassagesAnswer(Answer):
    """Traffic that was seen since the lane last became passable."""

    count: int = Field(description="Number of passages.")
    first: str | None = Field(description=f"Date of the first passage. {DATE}")
    last: str | None = Field(description=f"Date of the last passage. {DATE}")
    quantity: float | None = Field(description="Tonnes of goods, or persons.")
    announcements: tuple[str, ...] = Field((), description="Ids of the announcements that report them.")
    none_reported: str | None = Field(None, description=f"Date of the newest report that nothing passed. {DATE}")
    since: str | None = Field(
        None, description=f"When the lane last became passable; null: before the record begins, or it is not. {DATE}"
    )
    before: int = Field(0, description="Number of passages seen by the date asked about that do not count.")


class UpcomingAnswer(Answer):
    """A change after the date asked about that had been announced by then."""

    at: str | None = Field(description=f"Date of the change; null: it is not set yet, see `event`. {DATE}")
    event: str | None = Field(None, description="What the change waits for, where its date is not set; null: nothing.")
    status: Status = Field(description="Status of the lane from then on.")
    measure: str | None = Field(description="Id of the measure that changes; null: another kind of change.")
    change: str = Field(description="The change, in words.")
    announcement: CauseField
    announced: str | None = Field(description=f"Date of the announcement; null: it is a date of the registry. {DATE}")


class PledgeAnswer(Answer):
    """A pledge, and its outcome so far."""

    pledge: str = Field(description="Id of the pledge.")
    kind: PledgeKind = Field(description="How firmly the intent was expressed.")
    parties: tuple[str, ...] = Field(description="Ids of the parties that made it.")
    at: tuple[str, ...] = Field(description="Ids of the places and texts that it is about.")
    text: str = Field(description="Content of the pledge, in the coder's words.")
    status: PledgeStatus = Field(description="Outcome so far.")
    announced: str | None = Field(description=f"Date of the announcement. {DATE}")
    announcement: str = Field(description="Id of the announcement that made it.")
    due: str | None = Field(description="Day by which it is due, as announced; null: no day was named.")
    ended: str | None = Field(description=f"Date on which it was fulfilled or withdrawn; null: it is open. {DATE}")
    ended_by: str | None = Field(description="Id of the announcement that ended it; null: it is open.")
    lag_days: int | None = Field(description="Days from the pledge to its end; null: it is open.")
    overdue_days: int | None = Field(description="Days since the latest day on which it was due; null: not overdue.")
    moved: int = Field(0, description="How often its due date was moved.")


PledgesField = Annotated[tuple[PledgeAnswer, ...], Field(description="Open pledges about the subject.")]


class ThroughAnswer(Answer):
    """The crossing points by which a lane passes a border."""

    border: str = Field(description="Id of the border.")
    crossings: tuple[str, ...] = Field(
        description="Ids of the registered crossing points that are best, in the order of the registry; "
        "empty where the lane is closed."
    )
    another: bool = Field(description="Whether a crossing point that is not registered is among the best.")
    shut: int = Field(description="Number of registered crossing points by which the lane is not passable.")
    registered: int = Field(description="Number of registered crossing points for this mode and traffic.")
    text: str | None = Field(description="In words; null: all are equally good.")


ThroughField = Annotated[
    tuple[ThroughAnswer, ...],
    Field(description="Of each border on the way whose crossing point is not given: the best crossing points."),
]


class LaneName(Answer):
    """A lane of a subject: one mode, traffic and direction."""

    mode: ModeField
    traffic: TrafficField
    direction: str = Field(description="Direction, as FROM>TO.")


class LaneAnswer(LaneName):
    """The state of a lane, and all that it rests on."""

    status: Status = Field(description="Status of the lane.")
    severity: SeverityField
    otherwise: OtherwiseField = None
    but_for: ButForField = ()
    through: ThroughField = ()
    since: SinceField
    uncertain: UncertainField
    disputed: DisputedField
    because: CauseAnswers = Field(description="Causes along the path, the worst first.")
    exceptions: tuple[CauseAnswer, ...] = Field(
        (),
        alias="except",
        description="Restrictions of goods, origins or destinations that the question leaves open: beside the status.",
    )
    formalities: tuple[BesideAnswer, ...] = Field(
        (), description="Duties, fees, checks and documents that anybody can meet: beside the status."
    )
    exposure: tuple[BesideAnswer, ...] = Field(
        (), description="Threats to those who pass, such as secondary sanctions of others: beside the status."
    )
    readiness: tuple[ReadinessAnswer, ...] = Field(description="State of the infrastructure along the path.")
    passages: PassagesAnswer = Field(description="Traffic that was seen since the lane last became passable.")
    upcoming: tuple[UpcomingAnswer, ...] = Field(
        description="Changes after the date asked about that had been announced by then."
    )
    pledges: PledgesField
    stale_days: int | None = Field(description="Days since the newest evidence about the lane; null: there is none.")
    reason: ReasonField


EXISTS = "From when to when it exists; absent where no such date is on record."


class ExistsAnswer(Answer):
    """From when to when a subject exists."""

    starts: str | None = Field(alias="from", description=f"Begin; null: it has none on record. {DATE}")
    until: UntilField = None
    last_day: str | None = Field(None, description="Last day, inclusive, of an end that falls on midnight; else null.")
    succeeds: str | None = Field(None, description="Id of what it takes the place of; null: nothing is named.")


class ControlAnswer(Answer):
    """The party that staffs a crossing point."""

    by: str = Field(description="Id of the party that staffs it.")
    since: SinceField
    announcement: AnnouncementField


class LanesState(SubjectState):
    """The state of a border, crossing or corridor."""

    lanes: tuple[LaneAnswer, ...] = Field(description="One for each mode, traffic and direction, while it exists.")
    exists: ExistsAnswer | None = Field(None, exclude_if=is_absent, description=EXISTS)
    control: ControlAnswer | None = Field(None, description="The party that staffs the crossing point; null: unknown.")
