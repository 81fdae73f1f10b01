"""Answers about announcements. The models are the JSON contract: see docs/json.md."""

from typing import Annotated

from pydantic import Field

from tracker.model.vocabulary import SourceKind
from tracker.queries.answer_base import DATE, Answer, BasisField, PartyField, is_absent
from tracker.queries.answers import ClocksAnswer

DateField = Annotated[str | None, Field(description=f"Date of the statement. {DATE}")]
PositionField = Annotated[int, Field(description="Position in the log.")]
RecordedAtField = Annotated[str, Field(description="Time of its recording (UTC).")]
DigestField = Annotated[str, Field(description="SHA-256 of the content's canonical JSON (RFC 8785), in hexadecimal.")]


class SpeakerAnswer(Answer):
    """A person or party that made a statement."""

    party: PartyField
    name: str | None = Field(description="Name of the person.")
    office: str | None = Field(description="Office of the person.")


class SourceAnswer(Answer):
    """A publication of a statement."""

    publisher: str = Field(description="Publisher.")
    title: str | None = Field(description="Headline; null: it was not seen.")
    published: str | None = Field(description=f"Date of publication. {DATE}")
    url: str | None = Field(description="Web address.")
    kind: SourceKind | None = Field(description="Kind of the publication; null: nobody has said.")
    note: str | None = Field(None, exclude_if=is_absent, description="Remark of the coder; absent where there is none.")


class CorrectionAnswer(Answer):
    """A statement of the coders that corrects or retracts an announcement."""

    kind: str = Field(description="Whether it corrected or retracted.")
    statement: str = Field(description="Id of the correction or retraction.")
    announced: DateField
    reason: str = Field(description="Reason, in the coder's words.")
    sources: tuple[SourceAnswer, ...] = Field(description="Publications that show the mistake.")


class AnnouncementAnswer(Answer):
    """A statement on the record, as known by the clocks of the question."""

    id: str = Field(description="Id of the announcement, which never changes.")
    announced: DateField
    by: tuple[SpeakerAnswer, ...] = Field(description="Speakers.")
    title: str = Field(description="Title; where the coder gave none, the beginning of the summary.")
    summary: str = Field(description="Content of the statement, in the coder's own words.")
    note: str | None = Field(description="Remark of the coder.")
    status: str = Field(description="Result of the coder's check: verified, partly-verified or unverified.")
    sources: tuple[SourceAnswer, ...] = Field(description="Publications of the statement.")
    effects: tuple[str, ...] = Field(description="Types of its effects, in order.")
    about: tuple[str, ...] = Field(
        description="Ids of the places, measures, texts, parties and pledges that it concerns."
    )
    relations: tuple[tuple[str, str], ...] = Field(
        description="Relations to other announcements: pairs of a relation and an id."
    )
    denied_by: tuple[str, ...] = Field(description="Ids of announcements in which another party denies it.")
    version: int = Field(description="Number of the version that counts, from 0.")
    versions: int = Field(description="Number of versions.")
    retracted: bool = Field(description="Whether its effects have been removed.")
    corrections: tuple[CorrectionAnswer, ...] = Field(
        (), exclude_if=is_absent, description="Its corrections and retractions, oldest first; absent where none is."
    )
    position: PositionField
    recorded_at: RecordedAtField
    digest: DigestField


class VersionAnswer(Answer):
    """The content of an announcement from one statement on."""

    number: int = Field(description="Number of the version, from 0.")
    kind: str = Field(description="Whether it was recorded, corrected or retracted.")
    statement: str = Field(description="Id of the statement that made this version.")
    announced: DateField
    reason: str | None = Field(description="Reason of a correction or retraction.")
    position: PositionField
    recorded_at: RecordedAtField
    recorded_by: str | None = Field(description="Name of the person who recorded it.")
    approved_by: str | None = Field(description="Name of the person who approved it, where approval was required.")
    digest: DigestField
    content: dict[str, object] | None = Field(description="Content in this version; null: it is retracted.")


class EffectAnswer(Answer):
    """One effect of an announcement, and its standing at the date asked about."""

    number: int = Field(description="Number of the effect in its announcement, from 1.")
    type: str = Field(description="Type of the effect.")
    track: str = Field(description="Track that the effect is on: a subject's history in one respect.")
    basis: BasisField
    starts: str | None = Field(alias="from", description=f"Start. {DATE}")
    ends: str | None = Field(alias="to", description=f"End, exclusive; null: none is known. {DATE}")
    standing: str = Field(description="Standing at that date: decides, upcoming, ended or superseded.")
    superseded_by: str | None = Field(description="Id of the announcement that decides instead.")


class ShowAnswer(ClocksAnswer):
    """One announcement with every version, and the standing of its effects at the date asked about."""

    announcement: AnnouncementAnswer = Field(description="The announcement in the version that counts.")
    versions: tuple[VersionAnswer, ...] = Field(description="Every version, oldest first.")
    effects: tuple[EffectAnswer, ...] = Field(description="Effects with their standing.")
