"""Changes that a newer version of a table makes to the record: none, a correction, or a retraction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from typing import Any, Self

from pydantic import ValidationError

from tracker.imports.rows import ANNOUNCED, DAY, UnfitRow
from tracker.model.announcement import (
    Announcement,
    Correction,
    Retraction,
    Source,
    Statement,
    announced_at,
    merge_patch,
)
from tracker.model.dates import Instant, When, moment, starts
from tracker.model.events import canonical


@dataclass(frozen=True)
class Edition:
    """The version of a table that is being imported."""

    announced: When  # when it was published
    reason: str = "The source was revised."
    source: tuple[Source, ...] = ()  # of corrections, where it is not the announcement's own
    tz: tzinfo = UTC
    more: Mapping[str, str] = field(default_factory=dict)  # further columns about the version, "@…"

    @cached_property
    def columns(self) -> Mapping[str, str]:
        """The pseudo-columns about the version, for the mapping."""
        return {ANNOUNCED: self.text, DAY: moment(self.at, self.tz).date().isoformat(), **self.more}

    @property
    def at(self) -> Instant:
        return starts(self.announced, self.tz).latest

    @property
    def text(self) -> str:
        return self.announced.isoformat() if isinstance(self.announced, datetime) else str(self.announced)


@dataclass(frozen=True)
class RecordedAnnouncement:
    """An announcement on the record with its corrections and retractions, in the order of announcement."""

    statements: tuple[Statement, ...] = ()
    tz: tzinfo = field(default=UTC, compare=False)

    @classmethod
    def of(cls, statements: Collection[Statement], tz: tzinfo) -> Self:
        ordered = sorted(statements, key=lambda one: (not isinstance(one, Announcement), announced_at(one, tz), one.id))
        return cls(tuple(ordered), tz)

    def __bool__(self) -> bool:
        return bool(self.statements)

    @cached_property
    def content(self) -> Announcement | None:
        """The announcement as corrected; if it was retracted, as it was before."""
        last: Announcement | None = None
        for statement in self.statements:
            match statement:
                case Announcement():
                    last = statement
                case Correction() if last is not None:
                    last = corrected(last, statement)
                case _:
                    pass
        return last

    @property
    def retracted(self) -> bool:
        return bool(self.statements) and isinstance(self.statements[-1], Retraction)

    @property
    def newest(self) -> Instant:
        return max(announced_at(one, self.tz) for one in self.statements)

    def statement(self, name: str) -> Statement | None:
        """The statement of an id, if it is one about this announcement."""
        return next((one for one in self.statements if one.id == name), None)

    def with_statements(self, *more: Statement) -> "RecordedAnnouncement":
        """A copy with more statements."""
        return RecordedAnnouncement.of((*self.statements, *more), self.tz) if more else self


def corrected(announcement: Announcement, correction: Correction) -> Announcement:
    """An announcement after a correction.

    Raises: UnfitRow, if the result is no announcement.
    """
    try:
        return Announcement.model_validate(merge_patch(canonical(announcement), correction.patch))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        raise UnfitRow(f"{announcement.id}, as corrected by {correction.id}: {key}: {first['msg']}") from None


def revised(
    recorded: RecordedAnnouncement,
    draft: Announcement,
    own: Sequence[Statement],
    edition: Edition,
    versioned: Collection[str] = (),
) -> list[Statement]:
    """The statements to record so that the record agrees with a table about one announcement.

    Args: draft: the announcement by the table; own: corrections and retractions that are rows of the table themselves;
        versioned: keys of the draft that name the version, and so do not count as a change.
    Raises: UnfitRow, if the record is newer than the table, or has another statement of the same id.
    """
    if not recorded:
        return [draft, *own]
    new = [statement for statement in own if not _is_recorded(recorded, statement)]
    now, wanted = recorded.with_statements(*new), RecordedAnnouncement.of([draft, *own], recorded.tz)
    if now.retracted and wanted.retracted:
        return new
    change = _change(now, wanted, edition, versioned)
    if change is None:
        return new
    _refuse_older(now, edition)
    return [*new, change]


def retired(recorded: RecordedAnnouncement, edition: Edition) -> list[Statement]:
    """The statements to record about an announcement that the table no longer has."""
    if not recorded or recorded.retracted:
        return []
    _refuse_older(recorded, edition)
    return [_retraction(recorded, edition)]


def _is_recorded(recorded: RecordedAnnouncement, statement: Statement) -> bool:
    before = recorded.statement(statement.id)
    if before is not None and canonical(before) != canonical(statement):
        raise UnfitRow(
            f"{statement.id} was recorded with other content, and is never edited: give the new one another id"
        )
    return before is not None


def _change(
    now: RecordedAnnouncement, wanted: RecordedAnnouncement, edition: Edition, versioned: Collection[str]
) -> Correction | Retraction | None:
    if wanted.retracted:
        return _retraction(now, edition)
    assert now.content is not None
    assert wanted.content is not None
    before, after = _without(now.content, versioned), _without(wanted.content, versioned)
    if before == after and not now.retracted:
        return None
    replace: dict[str, Any] = {key: value for key, value in after.items() if before.get(key) != value}
    remove = tuple(key for key in before if key not in after)
    if not replace and not remove:
        replace = {"summary": after["summary"]}  # record it again after a retraction
    source = wanted.content.source if "source" in versioned else edition.source
    return Correction(
        id=_numbered(now), corrects=now.content.id, announced=edition.announced, reason=edition.reason,
        by=wanted.content.by, source=source, replace=replace, remove=remove,
    )  # fmt: skip


def _without(announcement: Announcement, versioned: Collection[str]) -> dict[str, Any]:
    return {key: value for key, value in canonical(announcement).items() if key not in versioned}


def _retraction(recorded: RecordedAnnouncement, edition: Edition) -> Retraction:
    assert recorded.content is not None
    return Retraction(
        id=_numbered(recorded), retracts=recorded.content.id, announced=edition.announced, reason=edition.reason,
        by=recorded.content.by, source=edition.source,
    )  # fmt: skip


def _numbered(recorded: RecordedAnnouncement) -> str:
    return f"{recorded.statements[0].id}-v{len(recorded.statements) + 1}"


def _refuse_older(recorded: RecordedAnnouncement, edition: Edition) -> None:
    if edition.at < recorded.newest:
        raise UnfitRow(
            f"{recorded.statements[0].id} has a statement on the record that is newer than {edition.text}: "
            "import the versions of a table in their order"
        )
