"""Timelines: a swim lane for each lane of a subject, those that are alike in one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracker.model.dates import Instant
from tracker.model.registry import Instrument, Measure
from tracker.model.vocabulary import MeasureKind
from tracker.presentation.lane_groups import label
from tracker.web.time_axis import ACROSS, Scale
from tracker.web.timeline import AGES_AGO, Timeline, Track, local_day
from tracker.web.url_params import Viewpoint

HIGH = 16  # of a band
LEAST = 1.5  # units: what is shorter is drawn this wide


@dataclass(frozen=True)
class Band:
    """A time during which the status stayed; places in units of the scale."""

    status: str
    x: float
    width: float
    words: str


@dataclass(frozen=True)
class Row:
    """Lanes of one subject that have always been alike."""

    label: str
    numbers: str  # of its tracks among those of the subject, for the browser
    status: str  # at the date
    bands: tuple[Band, ...]
    vague: str  # a path: where an edge is not known to the day
    ahead: tuple[Band, ...]  # what had been announced by the date for later
    marks: str  # a path: passages
    track: Track


@dataclass(frozen=True)
class Group:
    """A subject and its rows."""

    id: str
    kind: str
    name: str
    rows: tuple[Row, ...]


def groups(timeline: Timeline, viewpoint: Viewpoint, at: Instant) -> list[Group]:
    """Every subject that the filters let through."""
    return [
        Group(key, subject.type.value, timeline.name(key), rows)
        for key, subject in timeline.view.registry.with_state.items()
        if subject.type in viewpoint.kind and (rows := tuple(rows_of(timeline, key, viewpoint, at)))
    ]


def rows_of(timeline: Timeline, subject: str, viewpoint: Viewpoint | None, at: Instant) -> Iterator[Row]:
    """The rows of a subject; through no filter, all of them."""
    every = timeline.tracks.get(subject, ())
    chosen = [track for track in every if track.turns and _through(track, viewpoint)]
    alike: dict[tuple[object, ...], list[Track]] = {}
    for track in chosen:
        key = tuple((turn.at, turn.change.status) for turn in track.turns)
        alike.setdefault((*key, *(seen.on for seen in track.passed)), []).append(track)
    scale = timeline.scales[viewpoint.scale if viewpoint else "dense"]
    for tracks in alike.values():
        numbers = ",".join(str(every.index(track)) for track in tracks)
        yield _row(timeline, scale, lane_label(tracks, every), numbers, tracks[0], at)


def _through(track: Track, viewpoint: Viewpoint | None) -> bool:
    lane = track.lane
    return lane is None or viewpoint is None or (lane.mode in viewpoint.mode and lane.traffic in viewpoint.traffic)


def lane_label(tracks: Sequence[Track], every: Sequence[Track]) -> str:
    """The lanes of a row in words; for a measure or text, its authority or parties."""
    lanes = [track.lane for track in tracks if track.lane]
    return label(lanes, [track.lane for track in every if track.lane]) if lanes else _whole(tracks[0])


def _whole(track: Track) -> str:
    subject = track.subject
    if isinstance(subject, Measure):
        return f"{'permission' if subject.kind is MeasureKind.PERMISSION else 'restriction'} by {subject.authority}"
    return f"text of {', '.join(subject.parties)}" if isinstance(subject, Instrument) else ""


def _row(timeline: Timeline, scale: Scale, label: str, numbers: str, track: Track, at: Instant) -> Row:
    tz = timeline.tz
    days = [local_day(each, tz) for each in track.times]
    places = [0.0 if day == AGES_AGO else scale.x(day) for day in days] + [float(ACROSS)]
    bands = tuple(
        Band(_class(track, turn.change.status), x, max(round(end - x, 1), LEAST), turn.change.status)
        for turn, x, end in zip(track.turns, places, places[1:], strict=False)
    )
    foreseen = {id(turn) for turn in track.upcoming(at)}
    edges = [(local_day(edge.earliest, tz), local_day(edge.latest, tz)) for edge in track.edges if edge]
    passed = [local_day(seen.on.latest, tz) for seen in track.passed if not seen.effect.none]
    return Row(
        label=label,
        numbers=numbers,
        status=track.status(at),
        bands=bands,
        vague="".join(f"M{scale.x(one):g} 8H{max(scale.x(other), scale.x(one) + LEAST):g}" for one, other in edges),
        ahead=tuple(band for band, turn in zip(bands, track.turns, strict=True) if id(turn) in foreseen),
        marks="".join(f"M{scale.x(day):g} 8h.01" for day in passed),
        track=track,
    )


def _class(track: Track, status: str) -> str:
    """The class of a band: a permission in force is not what a restriction in force is."""
    subject = track.subject
    if isinstance(subject, Measure):
        return f"{subject.kind.value}-{status}"
    return "stage" if isinstance(subject, Instrument) and status != "none" else status
