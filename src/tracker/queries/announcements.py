"""Announcements on the record, and the versions and effects of one of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC
from itertools import groupby

from tracker.model.announcement import Announcement, Correction, Retraction, Source, title_of
from tracker.model.dates import FOREVER, Instant, render, starts
from tracker.model.deadline import in_time
from tracker.model.errors import UnknownAnnouncement
from tracker.model.events import canonical
from tracker.model.folding import fold
from tracker.model.vocabulary import EffectType
from tracker.queries.about import about, ids_about
from tracker.queries.clocks import Clocks
from tracker.queries.reasons import day
from tracker.queries.search import search_index
from tracker.queries.selection import find_party
from tracker.queries.statement_answers import (
    AnnouncementAnswer,
    CorrectionAnswer,
    EffectAnswer,
    ShowAnswer,
    SourceAnswer,
    SpeakerAnswer,
    VersionAnswer,
)
from tracker.state.evidence import basis_of
from tracker.state.record import Record, View
from tracker.timeline.columns import Hold
from tracker.timeline.versions import Version


@dataclass(frozen=True)
class AnnouncementFilter:
    """Filters of a list of announcements; without any, it has all of them."""

    party: str | None = None
    about: str | None = None
    effect: str | None = None  # an EffectType
    begin: Instant | None = None  # announced at or after
    end: Instant | None = None  # announced at or before
    text: str | None = None
    source: str | None = None


def announcements(record: Record, clocks: Clocks, filters: AnnouncementFilter) -> list[AnnouncementAnswer]:
    """List the known announcements that pass the filters, in the order of announcement.

    Raises: UnknownSubject.
    """
    view = record.over_periods(clocks.known, clocks.as_of)
    return [announcement_answer(view, *match) for match in in_time(matches(view, filters))]


def matches(view: View, filters: AnnouncementFilter) -> list[tuple[Version, Announcement]]:
    """The known announcements that pass the filters, in the order of announcement.

    Raises: UnknownSubject.
    """
    party = find_party(view.registry, filters.party) if filters.party is not None else None
    subjects = ids_about(view, filters.about) if filters.about is not None else None
    hits = search_index(view).matches(filters.text) if filters.text is not None else None
    source = fold(filters.source) if filters.source else ""
    return [
        (version, content)
        for version, content in in_time(view.contents.values())
        if (party is None or any(speaker.party == party for speaker in content.by))
        and (filters.effect is None or filters.effect in _types(content))
        and (filters.begin is None or version.order >= filters.begin)
        and (filters.end is None or version.order <= filters.end)
        and (hits is None or version.id in hits)
        and (not source or source in _citations(content))
        and (subjects is None or not subjects.isdisjoint(about(view, content)))
    ]


def _types(content: Announcement) -> set[str]:
    return {effect.type for effect in content.effect} or {EffectType.NONE.value}


def _citations(content: Announcement) -> str:
    sources = (f"{source.publisher} {source.title or ''} {source.url or ''}" for source in content.source)
    return fold("\n".join(sources))


def announcement_answer(view: View, version: Version, content: Announcement) -> AnnouncementAnswer:
    """Answer for one version of an announcement."""
    known = [other for other in view.record.announcements[version.id] if _is_known(other, view)]
    return AnnouncementAnswer(
        id=version.id,
        announced=render(starts(content.announced, view.tz), view.tz),
        by=tuple(
            SpeakerAnswer(party=speaker.party, name=speaker.name, office=speaker.office) for speaker in content.by
        ),
        title=title_of(content),
        summary=content.summary,
        note=content.note,
        status=content.status,
        sources=_sources(content.source),
        effects=tuple(effect.type for effect in content.effect),
        about=tuple(sorted(about(view, content))),
        relations=tuple((relation.type.value, relation.announcement) for relation in content.relation),
        denied_by=view.denials(version.id),
        version=version.number,
        versions=len(known),
        retracted=version.content is None,
        corrections=tuple(_corrections(view, known)),
        position=version.position,
        recorded_at=version.recorded_at.astimezone(UTC).isoformat(),
        digest=version.digest,
    )


def _sources(sources: Iterable[Source]) -> tuple[SourceAnswer, ...]:
    return tuple(
        SourceAnswer(
            publisher=source.publisher,
            title=source.title,
            published=source.published.text if source.published else None,
            url=source.url,
            kind=source.kind,
            note=source.note,
        )
        for source in sources
    )


def _corrections(view: View, versions: Iterable[Version]) -> Iterator[CorrectionAnswer]:
    """Answers for the statements among some versions that correct or retract."""
    for version in versions:
        statement = version.statement
        if not isinstance(statement, Announcement):
            yield CorrectionAnswer(
                kind="corrected" if isinstance(statement, Correction) else "retracted",
                statement=statement.id,
                announced=render(starts(statement.announced, view.tz), view.tz),
                reason=statement.reason,
                sources=_sources(statement.source),
            )


def show(record: Record, clocks: Clocks, announcement: str) -> ShowAnswer:
    """Answer for one announcement: every version, and the standing of its effects at the date asked about.

    Args: announcement: its id, or that of a correction or retraction of it.
    Raises: UnknownAnnouncement.
    """
    view = record.over_periods(clocks.known, clocks.as_of)
    history = record.announcements.get(announcement) or _history_with(record, announcement)
    known = [version for version in history if _is_known(version, view)]
    if not known:
        raise UnknownAnnouncement(f"no announcement {announcement!r} is known by those clocks")
    current = view.version(history[0].id) or known[-1]
    last = current.content or next(version.content for version in reversed(known) if version.content is not None)
    return ShowAnswer(
        **clocks.texts,
        announcement=announcement_answer(view, current, last),
        versions=tuple(_version(view, version) for version in known),
        effects=tuple(_effects(view, current, clocks.as_of)),
    )


def _history_with(record: Record, statement: str) -> tuple[Version, ...]:
    """The versions of the announcement that a correction or retraction is about."""
    for history in record.announcements.values():
        if any(version.statement.id == statement for version in history):
            return history
    raise UnknownAnnouncement(f"no announcement {statement!r} is on the record: `tracker announcements` lists them")


def _is_known(version: Version, view: View) -> bool:
    """Whether a version was announced and recorded by the clocks; later ones may have replaced it."""
    return version.announced <= view.known.announced_by and version.position <= view.known.recorded_by


def _version(view: View, version: Version) -> VersionAnswer:
    statement = version.statement
    match statement:
        case Announcement():
            kind, reason = "recorded", None
        case Correction():
            kind, reason = "corrected", statement.reason
        case Retraction():
            kind, reason = "retracted", statement.reason
    return VersionAnswer(
        number=version.number,
        kind=kind,
        statement=statement.id,
        announced=render(starts(statement.announced, view.tz), view.tz),
        reason=reason,
        position=version.position,
        recorded_at=version.recorded_at.astimezone(UTC).isoformat(),
        recorded_by=version.recorded_by,
        approved_by=version.approved_by,
        digest=version.digest,
        content=canonical(version.content) if version.content is not None else None,
    )


def _effects(view: View, version: Version, at: Instant) -> Iterator[EffectAnswer]:
    winners = view.winners(at)
    for rows in _seasons_together(view, version):
        winner = winners[view.assertions.track[rows[0]]]
        coming = (row for row in rows if view.assertions.hold(row) != Hold.SILENT and view.ends(row) > at)
        row = winner if winner in rows else next(coming, rows[-1])
        assertion = view.row(row)
        if winner == row:
            standing = "decides"
        elif assertion.begins.latest > at:
            standing = "upcoming"
        elif assertion.ends.latest <= at:
            standing = "ended"
        else:
            standing = "superseded"
        yield EffectAnswer(
            number=assertion.index + 1,
            type=assertion.effect.type,
            track=assertion.track,
            basis=basis_of(view, row),
            starts=day(view, view.begins(rows[0])),
            ends=day(view, last) if (last := view.row(rows[-1]).ends).latest < FOREVER else None,
            standing=standing,
            superseded_by=view.row(winner).announcement if standing == "superseded" and winner >= 0 else None,
        )


def _seasons_together(view: View, version: Version) -> Iterator[list[int]]:
    """The rows of each effect on each track: several, in time, where it has a season."""

    def key(row: int) -> tuple[int, int]:
        return int(view.assertions.effect_number[row]), int(view.assertions.track[row])

    return (list(rows) for _, rows in groupby(view.assertions.rows_by(version.id), key=key))
