"""Announcements, corrections and retractions: the statements on the record.

The classes are also the schema of a file in `events/<year>/`.
"""

import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, tzinfo
from typing import Annotated, Any, Protocol

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from tracker.model.dates import DayField, Instant, WhenField, moment, starts
from tracker.model.effects import AnyEffect, Exempt
from tracker.model.fields import Id, Model, PartyId
from tracker.model.text import Line, NoteField, Prose, visible
from tracker.model.vocabulary import RelationType, SourceKind, Verification

MAX_TITLE_CHARS = 100
AnnouncementId = Id
IdField = Annotated[AnnouncementId, Field(description="Id of the statement, which never changes.")]
AnnouncedField = Annotated[WhenField, Field(description="Day or instant of the statement.")]
ReasonField = Annotated[Prose, Field(description="Reason, in the coder's words.")]


def _web(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ValueError("is not a web address: write http://… or https://…")
    return visible(url)


Url = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[!-~\u00a1-\U0010ffff]+$"), AfterValidator(_web)]


class Speaker(Model):
    """A person or party that made a statement: not its publisher."""

    party: PartyId = Field(description="Id of the party.")
    name: Line | None = Field(None, description="Name of the person.")
    office: Line | None = Field(None, description="Office of the person.")


class Source(Model):
    """A publication of a statement: its citation, never its text."""

    publisher: Line = Field(description="Publisher.")
    title: Line | None = Field(None, description="Headline; null: it was not seen.")
    published: DayField | None = Field(None, description="Day of publication.")
    url: Url | None = Field(None, description="Web address.")
    archived_url: Url | None = Field(None, description="Web address of an archived copy.")
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")] | None = Field(
        None, description="Language (ISO 639)."
    )
    accessed: DayField | None = Field(None, description="Day on which the coder read it.")
    quote: Annotated[Line, StringConstraints(max_length=300)] | None = Field(
        None, description="A few words of it, as printed."
    )
    note: NoteField = None
    kind: SourceKind | None = Field(None, description="Kind of the publication; null: nobody has said.")


SourcesField = Annotated[tuple[Source, ...], Field(description="Publications of the statement.")]
SpeakersField = Annotated[tuple[Speaker, ...], Field(description="Speakers.")]


class Relation(Model):
    """A relation of an announcement to an earlier or later one."""

    type: RelationType = Field(description="Type of the relation.")
    announcement: AnnouncementId = Field(description="Id of the other announcement.")
    note: NoteField = None


class Announcement(Model):
    """A statement on the record; with no effects, one that changes nothing."""

    id: IdField
    announced: AnnouncedField
    title: Annotated[Line, StringConstraints(max_length=MAX_TITLE_CHARS)] | None = Field(
        None, description="Headline in the coder's own words; null: the summary's beginning."
    )
    summary: Prose = Field(description="Content of the statement, in the coder's own words.")
    status: Verification = Field(Verification.VERIFIED, description="Result of the coder's check.")
    covers: tuple[Id, ...] = Field((), description="Items of the coders' work list that it settles.")
    note: NoteField = None
    by: SpeakersField = Field(min_length=1)
    source: SourcesField = ()
    effect: tuple[AnyEffect, ...] = Field((), description="Effects, in order.")
    relation: tuple[Relation, ...] = Field((), description="Relations to other announcements.")
    after: tuple[AnnouncementId, ...] = Field(
        (), description="Statements of the same day that were made before this one."
    )
    about: tuple[Id, ...] = Field(
        (), description="Places, measures, instruments and parties that it concerns beyond its effects."
    )


def exemptions_made(announcement: Announcement) -> Iterator[str]:
    """The ids of the exemptions that an announcement makes."""
    for number, effect in enumerate(announcement.effect, start=1):
        if isinstance(effect, Exempt):
            yield effect.exemption or f"{announcement.id}-{number}"


def _json(value: Any) -> Any:
    """A patch with dates and Unicode in their JSON form, equal from a file and from the store."""
    if isinstance(value, dict):
        return {unicodedata.normalize("NFC", str(key)): _json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError(f"{value.isoformat()} lacks its offset: write e.g. {value.isoformat()}+04:00")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if value is None or isinstance(value, int | float | bool):
        return value
    raise ValueError(f"{value!r} cannot stand in a correction")


Patch = Annotated[dict[str, Any], BeforeValidator(_json)]  # a merge patch, RFC 7396


class Titled(Protocol):
    """The content of an announcement, as a model or as a plain struct."""

    @property
    def title(self) -> str | None: ...
    @property
    def summary(self) -> str: ...


class Correction(Model):
    """A later announcement that supersedes the content of an earlier one, which keeps its place in the order."""

    id: IdField
    corrects: AnnouncementId = Field(description="Id of the announcement that it corrects.")
    announced: AnnouncedField
    reason: ReasonField
    by: SpeakersField = ()
    source: SourcesField = ()
    replace: Patch = Field(default_factory=dict, description="Keys with their new content: a merge patch (RFC 7396).")
    remove: tuple[Line, ...] = Field((), description="Keys to remove, as TOML has no null.")

    @model_validator(mode="after")
    def _changes_something(self) -> "Correction":
        if not self.replace and not self.remove:
            raise ValueError("changes nothing: add a [replace] table with the corrected keys, or `remove`")
        return self

    @property
    def patch(self) -> dict[str, Any]:
        """The merge patch of RFC 7396 that this correction stands for."""
        return {**self.replace, **dict.fromkeys(self.remove)}


class Retraction(Model):
    """A later announcement that removes the effects of an earlier one."""

    id: IdField
    retracts: AnnouncementId = Field(description="Id of the announcement that it retracts.")
    announced: AnnouncedField
    reason: ReasonField
    by: SpeakersField = ()
    source: SourcesField = ()


Statement = Announcement | Correction | Retraction


def announced_at(statement: Statement, tz: tzinfo) -> Instant:
    """Instant that orders a statement: the start of the latest day on which it may have been made."""
    return starts(statement.announced, tz).latest


def day_of(statement: Statement, tz: tzinfo) -> date:
    """The local day on which a statement counts as made."""
    return moment(announced_at(statement, tz), tz).date()


def merge_patch(target: Any, patch: Any) -> Any:
    """Apply a merge patch to JSON values. Source: RFC 7396, section 2."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge_patch(result.get(key), value)
    return result


def title_of(content: Titled) -> str:
    """The title of an announcement; where it has none, the beginning of its summary, cut at a word."""
    if content.title:
        return content.title
    summary = " ".join(content.summary.split())
    return summary if len(summary) <= MAX_TITLE_CHARS else summary[: MAX_TITLE_CHARS - 2].rsplit(" ", 1)[0] + " …"
