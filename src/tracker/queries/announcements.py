"""Announcements query: which announcements there are, and what one of them says and changes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC

from tracker.model.announcement import Announcement, Correction, Retraction
from tracker.model.dates import FOREVER, Instant, render, starts
from tracker.model.effects import AnyEffect
from tracker.model.errors import UnknownAnnouncement
from tracker.model.events import canonical
from tracker.model.registry import Registry
from tracker.queries.clocks import Clocks
from tracker.queries.reasons import day
from tracker.queries.selection import find
from tracker.queries.statement_answers import (
    AnnouncementAnswer,
    EffectAnswer,
    ShowAnswer,
    SourceAnswer,
    SpeakerAnswer,
    VersionAnswer,
)
from tracker.state.evidence import basis_of
from tracker.state.record import Record, View
from tracker.timeline.versions import Version


@dataclass(frozen=True)
class Wanted:
    """Which announcements are asked for; nothing given means all."""

    party: str | None = None
    about: str | None = None
    effect: str | None = None  # a type; "none" for statements that change nothing
    begin: Instant | None = None  # announced at or after
    end: Instant | None = None  # announced at or before
    text: str | None = None
    source: str | None = None


def announcements(record: Record, clocks: Clocks, wanted: Wanted) -> list[AnnouncementAnswer]:
    """The announcements that are known and wanted, in the order of announcement.

    Raises: UnknownSubject.
    """
    view = record.at(clocks.known)
    about = find(view.registry, wanted.about).id if wanted.about and wanted.about not in view.registry.places else None
    place = about or wanted.about
    return [
        announcement_answer(view, version, content)
        for version, content in view.contents.values()
        if _wanted(view, version, content, wanted, place)
    ]


def _wanted(view: View, version: Version, content: Announcement, wanted: Wanted, place: str | None) -> bool:
    return (
        (wanted.party is None or wanted.party.casefold() in _voices(view.registry, content))
        and (place is None or place in about(view.registry, content))
        and (wanted.effect is None or wanted.effect in _types(content))
        and (wanted.begin is None or version.order >= wanted.begin)
        and (wanted.end is None or version.order <= wanted.end)
        and (wanted.text is None or wanted.text.casefold() in _prose(content))
        and (wanted.source is None or wanted.source.casefold() in _citations(content))
    )


def _voices(registry: Registry, content: Announcement) -> set[str]:
    parties = {speaker.party for speaker in content.by}
    names = {registry.parties[party].name for party in parties if party in registry.parties}
    return {each.casefold() for each in parties | names}


def _types(content: Announcement) -> set[str]:
    return {effect.type for effect in content.effect} or {"none"}


def _prose(content: Announcement) -> str:
    speakers = [f"{speaker.name or ''} {speaker.office or ''}" for speaker in content.by]
    pledged = [getattr(effect, "text", "") for effect in content.effect]
    return "\n".join([content.id, content.summary, content.note or "", *speakers, *pledged]).casefold()


def _citations(content: Announcement) -> str:
    return "\n".join(f"{each.publisher} {each.title or ''} {each.url or ''}" for each in content.source).casefold()


def about(registry: Registry, content: Announcement) -> frozenset[str]:
    """The ids of everything that an announcement's effects are about; of a measure also the places in its scope."""
    return frozenset(key for effect in content.effect for key in _about(registry, effect))


def _about(registry: Registry, effect: AnyEffect) -> Iterator[str]:
    for name in ("measure", "instrument", "pledge"):
        key: str | None = getattr(effect, name, None)
        if key is not None:
            yield key
            if name == "measure":
                yield from registry.measures[key].scope.at
    at: str | Sequence[str] | None = getattr(effect, "at", None)
    places = (at,) if isinstance(at, str) else at or ()
    for place in places:
        yield place
        if place in registry.crossings:
            yield registry.crossings[place].border


def announcement_answer(view: View, version: Version, content: Announcement) -> AnnouncementAnswer:
    """One announcement, as it is known."""
    return AnnouncementAnswer(
        id=version.id,
        announced=render(starts(content.announced, view.tz), view.tz),
        by=tuple(SpeakerAnswer(party=each.party, name=each.name, office=each.office) for each in content.by),
        summary=content.summary,
        note=content.note,
        status=content.status,
        sources=tuple(
            SourceAnswer(
                publisher=each.publisher,
                title=each.title,
                published=each.published.text if each.published else None,
                url=each.url,
            )
            for each in content.source
        ),
        effects=tuple(effect.type for effect in content.effect),
        about=tuple(sorted(about(view.registry, content))),
        relations=tuple((each.type.value, each.announcement) for each in content.relation),
        denied_by=view.denials(version.id),
        version=version.number,
        versions=len(view.record.announcements[version.id]),
        retracted=version.content is None,
        position=version.position,
        recorded_at=version.recorded_at.astimezone(UTC).isoformat(),
        digest=version.digest,
    )


def show(record: Record, clocks: Clocks, announcement: str) -> ShowAnswer:
    """One announcement: every version, and what it changes at the date asked about.

    Raises: UnknownAnnouncement.
    """
    view = record.at(clocks.known)
    history = record.announcements.get(announcement) or _by_statement(record, announcement)
    known = [version for version in history if version.recorded_at is not None and _public(version, view)]
    if not known:
        raise UnknownAnnouncement(f"no announcement {announcement!r} is known by those clocks")
    current = view.version(history[0].id) or known[-1]
    last = current.content or next(each.content for each in reversed(known) if each.content is not None)
    return ShowAnswer(
        as_of=clocks.as_of_text,
        announced_by=clocks.announced_by_text,
        recorded_by=clocks.recorded_by_text,
        announcement=announcement_answer(view, current, last),
        versions=tuple(_version(view, version) for version in known),
        effects=tuple(_effects(view, current, clocks.as_of)),
    )


def _by_statement(record: Record, statement: str) -> tuple[Version, ...]:
    """The announcement that a correction or retraction is about."""
    for history in record.announcements.values():
        if any(version.statement.id == statement for version in history):
            return history
    raise UnknownAnnouncement(f"no announcement {statement!r} is on the record: `tracker announcements` lists them")


def _public(version: Version, view: View) -> bool:
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
    decided = view.winners(at)
    for row in view.assertions.rows_by(version.id):
        assertion = view.row(row)
        winner = decided[view.assertions.track[row]]
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
            starts=day(view, assertion.begins),
            ends=day(view, assertion.ends) if assertion.ends.latest < FOREVER else None,
            standing=standing,
            superseded_by=view.row(winner).announcement if standing == "superseded" and winner >= 0 else None,
        )
