"""The list of announcements, by search and facets, and the page of one."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from tracker.model.announcement import Announcement, Source
from tracker.model.dates import Instant, moment
from tracker.model.names import name_of
from tracker.queries.announcements import AnnouncementFilter, announcements, show
from tracker.queries.history import StatusChange
from tracker.queries.statement_answers import AnnouncementAnswer, EffectAnswer, ShowAnswer
from tracker.web.context import PageContext
from tracker.web.timeline import StatusTrack, Timeline
from tracker.web.views.facts import facts
from tracker.web.views.lanes import lane_label

PAGE_SIZE = 50
MAX_PAGE_DIGITS = 5
FACETS = ("party", "type", "about", "year")
FILTERS = ("q", *FACETS, "source", "announced_by", "recorded_by")
MAX_FACET_VALUES = 14
SHOWN_ELSEWHERE = {"type", "basis", "measure", "instrument"}  # fields of an effect that stand in its heading
PASSIVE = {
    "confirms": "confirmed by", "denies": "denied by", "repeats": "repeated by", "welcomes": "welcomed by",
    "implements": "implemented by", "conditions": "made conditional by",
}  # fmt: skip


@dataclass(frozen=True)
class FacetValue:
    """A value of a facet, with the number of its announcements."""

    value: str
    text: str
    number: int
    query: str  # of the list with it, or without it if it is chosen
    chosen: bool


@dataclass(frozen=True)
class AnnouncementList:
    """The variables of the list's template."""

    matches: list[AnnouncementAnswer]
    shown: list[AnnouncementAnswer]  # on this page
    facets: dict[str, list[FacetValue]]
    query: str
    page: int
    pages: int
    filters: dict[str, str]

    def turn(self, page: int) -> str:
        """The query of another page of the list."""
        return _query({**self.filters, "page": str(page)} if page > 1 else self.filters)


def announcement_list(context: PageContext, query: Mapping[str, str]) -> AnnouncementList:
    """The announcements that match the filters of a query, the newest first.

    Raises: UnknownSubject.
    """
    filters = {key: query[key].strip() for key in FILTERS if query.get(key, "").strip()}
    matches = _matches(context, filters)
    pages = max(1, -(-len(matches) // PAGE_SIZE))
    text = query.get("page", "1")
    is_number = text.isascii() and text.isdigit() and len(text) <= MAX_PAGE_DIGITS
    page = min(max(int(text), 1), pages) if is_number else 1
    return AnnouncementList(
        matches=matches,
        shown=matches[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
        facets={facet: _facet(context.timeline, matches, facet, filters) for facet in FACETS},
        query=_query(filters),
        page=page,
        pages=pages,
        filters=filters,
    )


def _matches(context: PageContext, filters: Mapping[str, str]) -> list[AnnouncementAnswer]:
    wanted = AnnouncementFilter(
        party=filters.get("party"), about=filters.get("about"), effect=filters.get("type"), text=filters.get("q"),
        source=filters.get("source"),
    )  # fmt: skip
    answers = announcements(context.tracker.record, context.clocks, wanted)
    year = filters.get("year")
    return [answer for answer in reversed(answers) if year in (None, _year(context.timeline, answer))]


def _year(timeline: Timeline, answer: AnnouncementAnswer) -> str:
    at = timeline.view.contents[answer.id][0].order
    return str(moment(at, timeline.tz).year)


def _values(timeline: Timeline, answer: AnnouncementAnswer, facet: str) -> set[str]:
    match facet:
        case "party":
            return {speaker.party for speaker in answer.by}
        case "type":
            return set(answer.effects) or {"none"}
        case "about":
            registry = timeline.view.registry
            kinds = (registry.with_state, registry.territories, registry.parties)  # no pledges
            return {value for value in answer.about if any(value in kind for kind in kinds)}
        case _:
            return {_year(timeline, answer)}


def _facet(
    timeline: Timeline, matches: list[AnnouncementAnswer], facet: str, filters: Mapping[str, str]
) -> list[FacetValue]:
    counts = Counter(value for answer in matches for value in _values(timeline, answer, facet))
    chosen, others = filters.get(facet), {key: value for key, value in filters.items() if key != facet}
    if facet == "year":
        values = sorted(counts, reverse=True)
    else:
        values = sorted(counts, key=lambda value: (-counts[value], value))[:MAX_FACET_VALUES]
    values = [chosen, *(value for value in values if value != chosen)] if chosen else values
    return [
        FacetValue(
            value,
            _facet_text(timeline, facet, value),
            counts[value],
            _query(others if value == chosen else {**others, facet: value}),
            value == chosen,
        )
        for value in values
    ]


def _facet_text(timeline: Timeline, facet: str, value: str) -> str:
    if facet in ("party", "about"):
        return name_of(timeline.view.registry, value)
    return value if value != "none" or facet != "type" else "no effect"


def _query(filters: Mapping[str, str]) -> str:
    return "?" + urlencode(filters, quote_via=quote) if filters else ""


@dataclass(frozen=True)
class EffectView:
    """An effect, with the other fields that the statement gives it."""

    answer: EffectAnswer
    subject: str | None
    fields: list[tuple[str, str]]


@dataclass(frozen=True)
class ChangedLanes:
    """Lanes of a subject that an announcement changed alike."""

    subject: str
    name: str
    label: str
    before: str
    turn: StatusChange


@dataclass(frozen=True)
class AnnouncementPage:
    """The variables of an announcement's template."""

    show: ShowAnswer
    sources: list[Source]
    effects: list[EffectView]
    changes: list[ChangedLanes]
    relations: list[tuple[str, str, str]]  # the verb, the id of the other announcement, its title
    contents: list[str]  # by version, as JSON
    titles: dict[str, str]  # of all announcements, by id


def announcement_page(context: PageContext, name: str) -> AnnouncementPage:
    """The page of an announcement: versions, sources, and the lanes that it changed.

    Raises: UnknownAnnouncement.
    """
    timeline = context.timeline
    answer = show(context.tracker.record, context.clocks, name)
    key = answer.announcement.id
    version = timeline.view.contents.get(key)
    content = version[1] if version else None
    return AnnouncementPage(
        show=answer,
        sources=list(content.source) if content else [],
        effects=[_effect_view(timeline, content, effect) for effect in answer.effects],
        changes=list(_changed_lanes(timeline, key)),
        relations=list(_relations(timeline, key)),
        titles={key: known.title for key, known in timeline.by_id.items()},
        contents=[json.dumps(version.content, ensure_ascii=False, indent=2) for version in answer.versions],
    )


def _effect_view(timeline: Timeline, content: Announcement | None, answer: EffectAnswer) -> EffectView:
    kind, _, rest = answer.track.partition(":")
    subject = rest.split(":")[0] if kind in ("measure", "stage", "control") else None
    fields: list[tuple[str, str]] = []
    if content is not None:
        effect = content.effect[answer.number - 1]
        dump = effect.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude=SHOWN_ELSEWHERE)
        fields = facts(timeline, dump)
    return EffectView(answer, subject if subject in timeline.view.registry.with_state else None, fields)


def _changed_lanes(timeline: Timeline, announcement: str) -> Iterator[ChangedLanes]:
    for subject, tracks in timeline.tracks.items():
        alike: dict[tuple[Instant, str, str], list[StatusTrack]] = {}
        for track in tracks:
            for number, turn in enumerate(track.turns):
                if announcement in turn.change.announcements:
                    before = track.looks[number - 1] if number else "none"
                    alike.setdefault((turn.at, before, track.looks[number]), []).append(track)
        for (at, before, _), group in sorted(alike.items(), key=lambda item: item[0]):
            turn = next(turn for turn in group[0].turns if turn.at == at)
            yield ChangedLanes(subject, timeline.name(subject), lane_label(timeline, group, tracks), before, turn)


def _relations(timeline: Timeline, announcement: str) -> Iterator[tuple[str, str, str]]:
    """The relations of an announcement to others, then the relations of others to it."""
    known = timeline.by_id
    if announcement in known:
        for verb, other in known[announcement].relations:
            yield str(verb), other, known[other].title if other in known else ""
    for answer in timeline.announcements:
        for verb, other in answer.relations:
            if other == announcement:
                yield PASSIVE.get(verb, verb), answer.id, answer.title
