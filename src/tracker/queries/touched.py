"""The tracks and subjects that statements can change: a preview reads and compares these alone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from tracker.model.announcement import Announcement, Statement
from tracker.model.effects import AnyEffect, Cancel, Reschedule
from tracker.model.registry import LaneSubject
from tracker.state.lanes import bearing_on
from tracker.state.record import Record
from tracker.timeline.assertions import exemption_track, measure_track, pledge_track, stage_track, tracks_of
from tracker.timeline.versions import Version

READINESS = "readiness:"
Numbered = tuple[str, int, AnyEffect]  # an announcement, the number of an effect in it, and the effect


def name_of(statement: Statement) -> str:
    """The announcement that a statement makes, corrects or retracts."""
    return getattr(statement, "corrects", None) or getattr(statement, "retracts", None) or statement.id


def tracks_touched(record: Record, effects: Iterable[Numbered]) -> set[str]:
    """The tracks on which some effects, and those that they move, say something.

    With them those of each measure from which an exemption is one, and of each exemption from a measure.
    """
    effects = list(effects)
    tracks = {track for name, number, effect in effects for track in tracks_of(effect, name, number)}
    for _, _, effect in effects:
        if isinstance(effect, Reschedule | Cancel) and "#" not in effect.of:
            tracks.update(plan_tracks(record, effect.of))
    return record.together(track for track in tracks if not track.startswith("of:"))


def plan_tracks(record: Record, name: str) -> Iterator[str]:
    """The tracks of a measure, text, exemption or pledge, as a plan may name it."""
    for whole in (measure_track(name), stage_track(name), exemption_track(name), pledge_track(name)):
        yield whole
        yield from (track for _, track in record.stated.assertions.beginning(whole + ":"))


def effects_of(announcements: Mapping[str, Sequence[Version]], contents: Iterable[Announcement]) -> list[Numbered]:
    """The effects of some announcements, and in all versions those that they move."""
    found: dict[tuple[str, int, str], Numbered] = {}
    waiting = [(content, number) for content in contents for number in range(len(content.effect))]
    while waiting:
        content, number = waiting.pop()
        effect = content.effect[number]
        key = content.id, number, effect.model_dump_json()
        if key in found:
            continue
        found[key] = content.id, number, effect
        if isinstance(effect, Reschedule | Cancel) and "#" in effect.of:
            target, _, moved = effect.of.partition("#")
            versions = (version.content for version in announcements.get(target, ()))
            waiting += [(one, int(moved) - 1) for one in versions if one is not None and int(moved) <= len(one.effect)]
    return list(found.values())


class Touched:
    """The subjects whose states some statements can change, and the part of the record on which these rest."""

    def __init__(self, record: Record, announcements: Mapping[str, Sequence[Version]], names: Iterable[str]) -> None:
        """Args: announcements: with the statements; names: of those that they make, correct or retract."""
        self._record, self._registry = record, record.registry()
        versions = (version for name in dict.fromkeys(names) for version in announcements[name])
        contents = [version.content for version in versions if version.content is not None]
        effects = effects_of(announcements, contents)
        self._tracks = tracks_touched(record, effects)
        self.measures = self._named(measure_track(""), self._registry.measures)
        self.instruments = self._named(stage_track(""), self._registry.instruments)
        places = frozenset(self._places(effect for _, _, effect in effects))
        self._bearing = {subject.id: bearing_on(self._registry, subject) for subject in self._every_with_lanes()}
        self.with_lanes = [key for key, names in self._bearing.items() if not places.isdisjoint(names)]
        self._places_looked_at = places.union(*(self._bearing[key] for key in self.with_lanes))

    @property
    def subjects(self) -> Iterator[str]:
        """Ids in the order of answers: those of borders, crossings and corridors, then of measures and texts."""
        yield from self.with_lanes
        yield from self.measures
        yield from self.instruments

    def part(self) -> Record:
        """The record of all tracks on which the states of the subjects depend."""
        return self._record.about({*self._tracks, *self._tracks_looked_at()})

    def _named(self, prefix: str, registered: Mapping[str, object]) -> list[str]:
        names = {track.removeprefix(prefix).partition(":")[0] for track in self._tracks if track.startswith(prefix)}
        return sorted(name for name in names if name in registered)

    def _every_with_lanes(self) -> Iterator[LaneSubject]:
        for subjects in (self._registry.borders, self._registry.crossings, self._registry.corridors):
            yield from subjects.values()

    def _places(self, effects: Iterable[AnyEffect]) -> Iterator[str]:
        """The places of measures and effects. A corridor's or crossing's are also those where its traffic passes."""
        for measure in self.measures:
            yield from self._registry.measures[measure].scope.at
        for effect in effects:
            at = getattr(effect, "at", None) or ()
            for place in (at,) if isinstance(at, str) else at:
                yield place
                subject = self._registry.corridors.get(place) or self._registry.crossings.get(place)
                if subject is not None:
                    yield from bearing_on(self._registry, subject) - self._registry.territories.keys()

    def _tracks_looked_at(self) -> Iterator[str]:
        """All tracks about the places on which the lanes depend, and those of the texts of the measures."""
        places, table = self._places_looked_at, self._record.stated.assertions
        for place in places:
            yield from map(measure_track, self._registry.measures_at.get(place, ()))
        lowered = {place.lower() for place in places}
        yield from (name for _, name in table.beginning(READINESS) if name.split(":")[2] in lowered)
        passed = {key for key, names in self._bearing.items() if not places.isdisjoint(names)}
        for tracks in self._record.stated.tracks_naming("passage", "at", places | passed).values():
            yield from tracks
        for measure in self.measures:
            if under := self._registry.measures[measure].under:
                yield from plan_tracks(self._record, under)
