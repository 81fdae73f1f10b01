"""The shapes of answers about announcements. They are the JSON contract: see docs/json.md."""

from pydantic import Field

from tracker.model.vocabulary import Basis
from tracker.queries.answer import Answer
from tracker.queries.answers import Asked


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
