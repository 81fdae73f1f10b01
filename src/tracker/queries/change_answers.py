"""Answers about changes. The models are the JSON contract: see docs/json.md."""

from typing import Annotated

from pydantic import Field

from tracker.queries.answer_base import (
    DATE,
    SEVERITIES,
    AnnouncedByField,
    AnnouncementsField,
    Answer,
    ButForField,
    KindField,
    LaneDirectionField,
    LaneModeField,
    LaneTrafficField,
    NameField,
    OtherwiseField,
    ReasonField,
    RecordedByField,
    SubjectField,
    UntilField,
)
from tracker.queries.answers import ClocksAnswer, LaneName, ThroughField

StatusField = Annotated[str, Field(description="Status of a lane, state of a measure, or stage of a text.")]

AmountTextField = Annotated[str | None, Field(description="Amount of a measure, with its unit; null: none.")]
TitlesField = Annotated[tuple[str, ...], Field(description="Titles of the announcements, in their order.")]


class ChangeAnswer(Answer):
    """A span of time in which a status stayed and the same decided it, and the announcements that brought it about."""

    at: str | None = Field(description=f"Start; null: before the record begins. {DATE}")
    until: UntilField
    status: StatusField
    severity: int | None = Field(None, description=f"{SEVERITIES}; null: not about a lane.")
    otherwise: OtherwiseField = None
    but_for: ButForField = ()
    through: ThroughField = ()
    amount: AmountTextField = None
    exemptions: Annotated[tuple[str, ...], Field(description="Ids of the exemptions of a measure that run.")] = ()
    reason: ReasonField
    announcements: AnnouncementsField


ChangesField = Annotated[tuple[ChangeAnswer, ...], Field(description="Every change, oldest first.")]


class LaneChanges(LaneName):
    """Every change of a lane's status."""

    changes: ChangesField


class HistoryAnswer(Answer):
    """Every change of a subject's status: of its lanes, or of itself where it has none."""

    subject: SubjectField
    kind: KindField
    name: NameField
    announced_by: AnnouncedByField
    recorded_by: RecordedByField
    lanes: tuple[LaneChanges, ...] = Field((), description="Its lanes; of a measure or text none.")
    changes: tuple[ChangeAnswer, ...] = Field((), description="Every change of a measure or text, oldest first.")


class SubjectOrLane(Answer):
    """A lane of a subject, or a measure or text as a whole."""

    subject: SubjectField
    kind: KindField
    name: NameField
    mode: LaneModeField
    traffic: LaneTrafficField
    direction: LaneDirectionField


class Difference(SubjectOrLane):
    """A lane, measure or text that differs between two sets of clocks, in status or in what goes with it."""

    before: str = Field(description="Status at the first clocks.")
    after: str = Field(description="Status at the second clocks.")
    reason_before: str = Field(description="Reason at the first clocks.")
    reason_after: str = Field(description="Reason at the second clocks.")
    announcements: AnnouncementsField
    otherwise_before: OtherwiseField = None
    otherwise_after: OtherwiseField = None
    but_for_before: ButForField = ()
    but_for_after: ButForField = ()
    amount_before: AmountTextField = None
    amount_after: AmountTextField = None
    titles: TitlesField = ()


class DiffAnswer(Answer):
    """Everything that differs between two sets of clocks."""

    before: ClocksAnswer = Field(description="The first clocks.")
    after: ClocksAnswer = Field(description="The second clocks.")
    differences: tuple[Difference, ...] = Field(description="Every lane, measure and text that differs.")


class PeriodChange(SubjectOrLane):
    """A change of status, or of what decides it."""

    at: str = Field(description=f"Date of the change. {DATE}")
    before: str | None = Field(description="Status before; null: the first one.")
    after: str = Field(description="Status from then on.")
    reason: ReasonField
    announcements: AnnouncementsField
    otherwise_before: OtherwiseField = None
    otherwise_after: OtherwiseField = None
    but_for_before: ButForField = ()
    but_for_after: ButForField = ()
    amount_before: AmountTextField = None
    amount_after: AmountTextField = None
    titles: TitlesField = ()


class ReplayFrame(Answer):
    """All changes at one step of a replay."""

    at: str = Field(description="The step: a day or an instant.")
    events: tuple[PeriodChange, ...] = Field(description="Changes at this step.")


class SeriesPoint(Answer):
    """One row of a time series: the status from `time` until the next row of the same lane."""

    time: str = Field(description="Start of the status, as an instant.")
    subject: SubjectField
    kind: KindField
    mode: LaneModeField
    traffic: LaneTrafficField
    direction: LaneDirectionField
    status: StatusField
    severity: int | None = Field(description=f"{SEVERITIES}; null: not about a lane.")
    announcements: AnnouncementsField
