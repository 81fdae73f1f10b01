"""The page of a subject: why it is as it is, its timelines, every change, everything said about it."""

from dataclasses import dataclass

from tracker.model.dates import BEGINNING
from tracker.queries.history import StatusChange
from tracker.queries.selection import Stateful, find
from tracker.queries.statement_answers import AnnouncementAnswer
from tracker.web.context import Look
from tracker.web.views.lanes import Group, rows_of


@dataclass(frozen=True)
class Entry:
    """A change of some lanes of the subject."""

    label: str
    turn: StatusChange


@dataclass(frozen=True)
class SubjectPage:
    """What the page's template needs."""

    subject: Stateful
    facts: list[tuple[str, str]]
    group: Group
    entries: list[Entry]
    announcements: list[AnnouncementAnswer]


def subject_page(look: Look, name: str) -> SubjectPage:
    """Everything about a subject.

    Raises: UnknownSubject.
    """
    timeline, registry = look.timeline, look.timeline.view.registry
    subject = find(registry, name)
    rows = tuple(rows_of(timeline, subject.id, None, look.clocks.as_of))
    entries = [Entry(row.label, turn) for row in rows for turn in row.track.turns if turn.at > BEGINNING]
    return SubjectPage(
        subject=subject,
        facts=_facts(subject),
        group=Group(subject.id, subject.type.value, timeline.name(subject.id), rows),
        entries=sorted(entries, key=lambda each: -each.turn.at),
        announcements=[each for each in reversed(timeline.announcements) if subject.id in each.about],
    )


def _facts(subject: Stateful) -> list[tuple[str, str]]:
    """What the registry says of it."""
    found = subject.model_dump(mode="json", exclude_none=True, exclude={"type", "name", "title", "note", "scope"})
    return [(key.replace("_", " "), _words(value)) for key, value in found.items() if value not in ([], {})]


def _words(value: object) -> str:
    match value:
        case dict():
            return ", ".join(f"{each} ({key})" for key, each in value.items())
        case list():
            return ", ".join(map(str, value))
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)
