"""The page of an announcement: every version, its sources, and what it changed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from tracker.model.announcement import Announcement, Source
from tracker.model.dates import Instant
from tracker.queries.announcements import show
from tracker.queries.history import StatusChange
from tracker.queries.statement_answers import EffectAnswer, ShowAnswer
from tracker.web.context import Look
from tracker.web.timeline import Timeline, Track
from tracker.web.views.lanes import lane_label

SHOWN_ABOVE = {"type", "basis", "measure", "instrument"}


@dataclass(frozen=True)
class Told:
    """An effect, with what the file says of it."""

    answer: EffectAnswer
    subject: str | None
    fields: list[tuple[str, str]]


@dataclass(frozen=True)
class Changed:
    """What lanes that moved alike were before and after."""

    subject: str
    name: str
    label: str
    before: str
    turn: StatusChange


@dataclass(frozen=True)
class AnnouncementPage:
    """What the page's template needs."""

    show: ShowAnswer
    sources: list[Source]
    effects: list[Told]
    changes: list[Changed]
    relations: list[tuple[str, str, str]]  # the words, the id, its summary
    contents: list[str]  # of each version, as JSON


def announcement_page(look: Look, name: str) -> AnnouncementPage:
    """Everything about an announcement.

    Raises: UnknownAnnouncement.
    """
    timeline = look.timeline
    found = show(look.tracker.record, look.clocks, name)
    version = timeline.view.contents.get(found.announcement.id)
    content = version[1] if version else None
    return AnnouncementPage(
        show=found,
        sources=list(content.source) if content else [],
        effects=[_told(timeline, content, each) for each in found.effects],
        changes=list(changes(timeline, found.announcement.id)),
        relations=list(_relations(timeline, found.announcement.id)),
        contents=[json.dumps(each.content, ensure_ascii=False, indent=2) for each in found.versions],
    )


def _told(timeline: Timeline, content: Announcement | None, answer: EffectAnswer) -> Told:
    kind, _, rest = answer.track.partition(":")
    name = rest.split(":")[0] if kind in ("measure", "stage", "control") else None
    fields: list[tuple[str, str]] = []
    if content is not None:
        effect = content.effect[answer.number - 1]
        dumped = effect.model_dump(
            mode="json", by_alias=True, exclude_none=True, exclude={"type", "basis", "measure", "instrument"}
        )
        fields = [(key, ", ".join(map(str, value)) if isinstance(value, list) else str(value))
                  for key, value in dumped.items() if value not in ([], False)]  # fmt: skip
    return Told(answer, name if name in timeline.view.registry.with_state else None, fields)


def changes(timeline: Timeline, announcement: str) -> Iterator[Changed]:
    """Status before and after, wherever an announcement made a change."""
    for subject, tracks in timeline.tracks.items():
        alike: dict[tuple[Instant, str, str], list[Track]] = {}
        for track in tracks:
            for number, turn in enumerate(track.turns):
                if announcement in turn.change.announcements:
                    before = track.turns[number - 1].change.status if number else "none"
                    alike.setdefault((turn.at, before, turn.change.status), []).append(track)
        for (at, before, _), found in sorted(alike.items(), key=lambda item: item[0]):
            turn = next(turn for turn in found[0].turns if turn.at == at)
            yield Changed(subject, timeline.name(subject), lane_label(found, tracks), before, turn)


def _relations(timeline: Timeline, announcement: str) -> Iterator[tuple[str, str, str]]:
    """Both ways: what it says of others, and what others say of it."""
    known = timeline.by_id
    if announcement in known:
        for verb, other in known[announcement].relations:
            yield f"{verb}", other, known[other].summary if other in known else ""
    for each in timeline.announcements:
        for verb, other in each.relations:
            if other == announcement:
                yield PASSIVE.get(verb, verb), each.id, each.summary


PASSIVE = {
    "confirms": "confirmed by", "denies": "denied by", "repeats": "repeated by", "welcomes": "welcomed by",
    "implements": "implemented by", "conditions": "made conditional by",
}  # fmt: skip
