"""Answers about measures and texts. The models are the JSON contract: see docs/json.md."""

from pydantic import Field

from tracker.model.vocabulary import Basis, MeasureLevel, MeasureState, Stage
from tracker.queries.answer_base import (
    DATE,
    AmountField,
    AnnouncementField,
    Answer,
    BasisField,
    CauseField,
    DisputedField,
    HoursField,
    LimitsField,
    PartyField,
    ReasonField,
    SinceField,
    UnitField,
    UntilEventField,
    UntilField,
    UnverifiedField,
)
from tracker.queries.answers import LanesState, PledgesField, SubjectState, UncertainField


class ExemptionAnswer(Answer):
    """An exemption from a measure that is in force."""

    exemption: str = Field(description="Id of the exemption.")
    only: tuple[str, ...] = Field((), description="For whom or what it is: classes, in words; empty: all.")
    conditions: tuple[str, ...] = Field((), description="How: those who are exempt have to meet them.")
    flows: tuple[str, ...] = Field((), description="Places, goods, origins and destinations that narrow it, in words.")
    amount: AmountField = None
    hours: HoursField = None
    since: SinceField
    until: UntilField = None
    until_event: UntilEventField = None
    basis: BasisField
    announcement: AnnouncementField
    text: str = Field(description="Who or what is exempt, in words.")


class UnderAnswer(Answer):
    """The text that a measure rests on."""

    instrument: str = Field(description="Id of the text.")
    name: str = Field(description="Title of the text.")
    stage: Stage | None = Field(description="Stage of the text; null: before its first.")
    ended: bool = Field(description="Whether the life of the text has ended: the measure stands all the same.")
    since: SinceField
    announcement: CauseField


class WaitingAnswer(Answer):
    """A change of a measure that is decided and has no date yet."""

    event: str = Field(description="What it waits for.")
    change: str = Field(description="The change, in words.")
    announcement: AnnouncementField


class MeasureAnswer(SubjectState):
    """The state of a measure."""

    authority: str = Field(description="Id of the party whose measure it is.")
    state: MeasureState = Field(description="State in its life cycle.")
    level: MeasureLevel | None = Field(description="Strictness; null: it is not in force.")
    limits: LimitsField
    amount: AmountField = None
    unit: UnitField = None
    amount_since: str | None = Field(None, description=f"Since when the amount has been this one. {DATE}")
    hours: HoursField = None
    exemptions: tuple[ExemptionAnswer, ...] = Field((), description="Exemptions from it that are in force.")
    waiting: WaitingAnswer | None = Field(None, description="A change that waits for its date; null: none.")
    until_event: UntilEventField = None
    applied_from: str | None = Field(
        None, description="Day from which it was decided later to have applied; it says nothing about the days before."
    )
    under: UnderAnswer | None = Field(None, description="The text that it rests on; null: none is registered.")
    nomenclature: str | None = Field(None, description="Nomenclature of its goods; null: HS 2022.")
    ids: dict[str, str] | None = Field(None, description="Official numbers by register; null: none.")
    since: str | None = Field(
        description=f"When its present state began, whoever prolonged it; null: it never had one. {DATE}"
    )
    decided: str | None = Field(description=f"When the latest decision on it was announced; null: never. {DATE}")
    until: UntilField
    uncertain: UncertainField
    disputed: DisputedField
    basis: Basis | None = Field(description="Source of the knowledge; null: no statement.")
    announcement: CauseField
    unverified: UnverifiedField
    reason: ReasonField


class PartyStage(Answer):
    """The stage that a text has reached for one party."""

    party: PartyField
    stage: Stage = Field(description="Stage of the text for the party.")
    since: SinceField
    announcement: AnnouncementField


class InstrumentAnswer(SubjectState):
    """The state of a text with a life cycle."""

    stage: Stage | None = Field(description="Stage of the text; null: before its first.")
    by_party: dict[str, Stage] = Field(description="Stage for each party that has reached one by itself.")
    since: SinceField
    uncertain: UncertainField
    announcement: CauseField
    unverified: UnverifiedField
    parties: tuple[PartyStage, ...] = Field(description="Stages by party, with their dates and announcements.")
    ids: dict[str, str] | None = Field(None, description="Official numbers by register; null: none.")
    pledges: PledgesField
    reason: ReasonField


StateAnswer = LanesState | MeasureAnswer | InstrumentAnswer
