"""The evidence of an answer about states: the statements on the tracks that bear on it, and the registry entries.

The tracks are those that the lanes, measures and texts in question look at, in the state of knowledge asked about and
with everything known. The statements are all that speak of one of these tracks in some version, those that deny them,
and those that stand before them on their day. The entries are all that the tracks and statements name, and those that
these name in turn. Source: design §9.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from tracker.model.announcement import Announcement
from tracker.model.dates import moment
from tracker.model.events import canonical
from tracker.model.registry import Border, Corridor, Crossing, Entry, Instrument, Measure
from tracker.model.vocabulary import SubjectKind
from tracker.queries.clocks import Clocks
from tracker.queries.selection import Selection, Stateful, chosen, chosen_lanes, find_territory
from tracker.state.lane_history import lane_history
from tracker.state.lanes import bearing_on, gates
from tracker.state.record import Record, View
from tracker.timeline.assertions import control_track, exemption_track, measure_track, pledge_track, stage_track
from tracker.timeline.assertions import tracks_of as tracks_of_effect
from tracker.timeline.versions import Version

ALWAYS_ASKED = (SubjectKind.DATASET, SubjectKind.CLASS)  # whatever the question: a class may be asked by any name
PARTIES = (SubjectKind.PARTY,)


class Evidence(NamedTuple):
    """Names of what an answer rests on."""

    announcements: frozenset[str]  # with all their corrections and retractions
    entries: frozenset[tuple[str, str]]  # kind and id, in all their versions


def evidence(record: Record, clocks: Clocks, selection: Selection) -> Evidence:
    """The statements and registry entries that the answer to a question about states rests on.

    Raises: UnknownSubject, BadRequest.
    """
    views = {id(view): view for view in (record.at(clocks.known, clocks.asked), record.view)}.values()
    tracks, names = set[str](), set[str]()
    for view in views:
        for subject in chosen(view.registry, selection):
            names.add(subject.id)
            tracks |= _tracks(view, subject, selection)
            if isinstance(subject, Border | Crossing | Corridor):
                names |= bearing_on(view.registry, subject)
        asked = (selection.origin, selection.destination)
        names.update(find_territory(view.registry, name) for name in asked if name is not None)
    tracks |= record.together(tracks)
    tracks |= _texts_behind(record, tracks)
    contents = {name: _contents(history) for name, history in record.announcements.items()}
    announcements = _speaking_of(contents, tracks)
    announcements |= {key for name in announcements for key in record.denying.get(name, ()) if key in contents}
    announcements |= _standing_before(record, contents, announcements)
    names.update(name for track in tracks for name in track.split(":")[1:])
    names.update(text for name in announcements for content in contents[name] for text in _texts(canonical(content)))
    names.update(selection.only or ())
    return Evidence(frozenset(announcements), _entries(record, names))


def _tracks(view: View, subject: Stateful, selection: Selection) -> set[str]:
    """The tracks that the state of a subject looks at."""
    match subject:
        case Measure():
            return {measure_track(subject.id)}
        case Instrument():
            return _beginning(view, stage_track(subject.id)) | _pledges(view, {subject.id})
    question = selection.question(view.registry)
    lanes = chosen_lanes(view.registry, subject, selection)
    histories = [lane_history(view, lane, question) for lane in lanes]
    table = view.assertions
    numbers = {track for history in histories for track in history.told_tracks}
    numbers |= {int(table.track[seen.row]) for history in histories for seen in history.seen}
    places = frozenset[str]().union(*map(gates, lanes))
    return {table.tracks[number] for number in numbers} | {control_track(subject.id)} | _pledges(view, places)


def _beginning(view: View, prefix: str) -> set[str]:
    return {name for _, name in view.assertions.beginning(prefix)}


def _pledges(view: View, places: Iterable[str]) -> set[str]:
    """The tracks of the pledges about some places."""
    wanted = set(places)
    return {
        name
        for track, name in view.assertions.beginning(pledge_track(""))
        if any(wanted.intersection(getattr(view.effect(row), "at", ())) for row in view.rows_of(track))
    }


def _texts_behind(record: Record, tracks: Iterable[str]) -> set[str]:
    """The tracks of the texts under which the measures on some tracks stand."""
    measures = record.registry().measures
    keys = (track.removeprefix(measure_track("")) for track in tracks)
    texts = {measures[key].under for key in keys if key in measures}
    return {track for text in texts if text for track in _beginning(record.view, stage_track(text))}


def _contents(history: Sequence[Version]) -> list[Announcement]:
    return [version.content for version in history if version.content is not None]


def _speaking_of(contents: Mapping[str, Sequence[Announcement]], tracks: Iterable[str]) -> set[str]:
    """The announcements with an effect on one of some tracks, or on an effect of one of them."""
    wanted, found = set(tracks), set[str]()
    spoken = {
        name: {
            track
            for content in versions
            for number, effect in enumerate(content.effect)
            for track in tracks_of_effect(effect, name, number)
        }
        for name, versions in contents.items()
    }
    while new := {
        name for name, own in spoken.items() if name not in found and any(_is_on(track, wanted, found) for track in own)
    }:
        found |= new
    return found


def _is_on(track: str, wanted: set[str], found: set[str]) -> bool:
    """Whether a track is one of some, or that of a change of plans about one of them or of what was said on them."""
    if track in wanted or track.rpartition(":")[0] in wanted or any(one.startswith(f"{track}:") for one in wanted):
        return True
    if not track.startswith("of:"):
        return False
    target = track.removeprefix("of:")
    return target.partition("#")[0] in found or not wanted.isdisjoint((pledge_track(target), exemption_track(target)))


def _standing_before(record: Record, contents: Mapping[str, Sequence[Announcement]], names: Iterable[str]) -> set[str]:
    """The announcements of the same day that stand before some, by `after` or a relation, and before those."""
    found, todo = set(names), list(names)
    while todo:
        name = todo.pop()
        day = _day(record, name)
        for earlier in {text for content in contents[name] for text in _precedents(content)} - found:
            if earlier in contents and _day(record, earlier) == day:
                found.add(earlier)
                todo.append(earlier)
    return found


def _precedents(content: Announcement) -> Iterator[str]:
    yield from content.after
    yield from (relation.announcement for relation in content.relation)


def _day(record: Record, name: str) -> object:
    return moment(record.announcements[name][0].order, record.tz).date()


def _entries(record: Record, names: Iterable[str]) -> frozenset[tuple[str, str]]:
    """The entries of these names, of all that they name, and of the blocs of their parties and territories."""
    plain = [((entry.kind, entry.id), _plain(entry)) for entry in record.entries]
    borders = {frozenset(content["between"]): key[1] for key, content in plain if key[0] == SubjectKind.BORDER}
    mentions: dict[tuple[str, str], set[str]] = {}
    for key, content in plain:
        named = mentions.setdefault(key, set())
        named.update(_texts(content))
        named.update(borders[frozenset(two)] for two in pairwise(content.get("path", ())) if frozenset(two) in borders)
    by_name: dict[str, list[tuple[str, str]]] = {}
    for key in mentions:
        by_name.setdefault(key[1], []).append(key)
    found = {key for key in mentions if key[0] in ALWAYS_ASKED}
    known, todo = set[str](), list(names)
    while todo:
        name = todo.pop()
        if name in known:
            continue
        known.add(name)
        new = {key for key in by_name.get(name, ()) if key not in found}
        if new or name in by_name:  # a bloc counts for its members
            new |= {key for key, said in mentions.items() if key[0] in PARTIES and name in said and key not in found}
        found |= new
        todo += [text for key in new for text in mentions[key] if text in by_name] + [key[1] for key in new]
    return frozenset(found)


def _plain(entry: Entry) -> Any:
    content = entry.subject
    return json.loads(content) if isinstance(content, str) else canonical(content)


def _texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value; of a direction, both its ends."""
    if isinstance(value, str):
        yield value
        if ">" in value:
            yield from value.split(">")
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
