"""The lanes of subjects as timelines, and as a table at a date; lanes that are alike share a row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from tracker.model.dates import BEGINNING, FOREVER
from tracker.model.names import party_name
from tracker.model.registry import Instrument, Measure
from tracker.model.vocabulary import MeasureKind
from tracker.presentation.lane_groups import group_by, label
from tracker.presentation.text import plain
from tracker.queries.answers import ThroughAnswer
from tracker.web.statuses_at import StatusesAt
from tracker.web.time_axis import AXIS_UNITS, TimeScale
from tracker.web.timeline import FIRST_DAY, StatusTrack, Timeline, local_day
from tracker.web.url_params import ViewParams

MIN_BAND_WIDTH = 1.5  # units of the scale


@dataclass(frozen=True)
class StatusBand:
    """A time during which the status stayed; places in units of the scale."""

    status: str  # its class in the style sheet
    x: float
    width: float
    words: str


@dataclass(frozen=True)
class LaneRow:
    """Lanes of one subject whose statuses have always been equal."""

    label: str
    numbers: str  # of its tracks among those of the subject, for the browser
    status: str  # at the date
    bands: tuple[StatusBand, ...]
    uncertain: str  # a path: where an edge is not known to the day
    ahead: tuple[StatusBand, ...]  # what had been announced by the date for later
    passages: str  # a path
    track: StatusTrack


@dataclass(frozen=True)
class LaneGroup:
    """A subject and its rows."""

    id: str
    kind: str
    name: str
    rows: tuple[LaneRow, ...]


@dataclass(frozen=True)
class LaneTableRow:
    """The statuses of a row of lanes at a date, in words."""

    group: LaneGroup
    row: LaneRow
    status: str
    since: str | None
    reason: str
    through: tuple[ThroughAnswer, ...]
    first: bool  # of its subject


def table_rows(statuses: StatusesAt, view: ViewParams) -> list[LaneTableRow]:
    """The rows of all subjects that the filters let through, by the clocks of a page."""
    return [
        _table_row(statuses, group, row, number == 0)
        for group in lane_groups(statuses, view)
        for number, row in enumerate(group.rows)
    ]


def _table_row(statuses: StatusesAt, group: LaneGroup, row: LaneRow, first: bool) -> LaneTableRow:
    turn = row.track.status_begun(statuses.at)
    since = turn.change.at if turn and turn.at > BEGINNING else None
    through = turn.change.through if turn else ()
    return LaneTableRow(group, row, row.status, since, statuses.reason(row.track), through, first)


def lane_groups(statuses: StatusesAt, view: ViewParams) -> list[LaneGroup]:
    """All subjects that the filters let through, with their rows."""
    timeline = statuses.timeline
    return [
        LaneGroup(key, subject.type.value, timeline.name(key), rows)
        for key, subject in timeline.view.registry.with_state.items()
        if subject.type in view.kind and (rows := tuple(lane_rows(statuses, key, view)))
    ]


def lane_rows(statuses: StatusesAt, subject: str, view: ViewParams | None) -> Iterator[LaneRow]:
    """The rows of a subject that the filters of a view let through; all of them without a view."""
    timeline = statuses.timeline
    every = timeline.tracks.get(subject, ())
    chosen = [track for track in every if track.turns and _matches(track, view)]
    scale = timeline.scales[view.scale if view else "dense"]
    for tracks in group_by(chosen, _drawing):
        numbers = ",".join(str(every.index(track)) for track in tracks)
        yield _lane_row(statuses, scale, lane_label(timeline, tracks, every), numbers, tracks[0])


def _drawing(track: StatusTrack) -> tuple[object, ...]:
    """The changes and passages of a track: tracks with the same are drawn as one row."""
    changes = (
        (turn.at, look, turn.change.reason, turn.change.through)
        for turn, look in zip(track.turns, track.looks, strict=True)
    )
    return (*changes, *(passage.on for passage in track.passages))


def _matches(track: StatusTrack, view: ViewParams | None) -> bool:
    lane = track.lane
    return lane is None or view is None or (lane.mode in view.mode and lane.traffic in view.traffic)


def lane_label(timeline: Timeline, tracks: Sequence[StatusTrack], every: Sequence[StatusTrack]) -> str:
    """The lanes of a row in words; for a measure or text, its authority or parties."""
    lanes = [track.lane for track in tracks if track.lane]
    return label(lanes, [track.lane for track in every if track.lane]) if lanes else _whole(timeline, tracks[0])


def _whole(timeline: Timeline, track: StatusTrack) -> str:
    subject, party = track.subject, partial(party_name, timeline.view.registry)
    if isinstance(subject, Measure):
        kind = "permission" if subject.kind is MeasureKind.PERMISSION else "restriction"
        return f"{kind} by {party(subject.authority)}"
    return f"text of {', '.join(map(party, subject.parties))}" if isinstance(subject, Instrument) else ""


def _lane_row(statuses: StatusesAt, scale: TimeScale, label: str, numbers: str, track: StatusTrack) -> LaneRow:
    tz = statuses.timeline.tz
    days = [local_day(time, tz) for time in track.times]
    places = [0.0 if day == FIRST_DAY else scale.x(day) for day in days]
    places.append(float(AXIS_UNITS) if track.end >= FOREVER else scale.x(local_day(track.end, tz)))
    bands = tuple(
        StatusBand(
            _band_class(track, look),
            x,
            max(round(end - x, 1), MIN_BAND_WIDTH),
            f"{look}: {plain(turn.change.reason)}",
        )
        for turn, look, (x, end) in zip(track.turns, track.looks, pairwise(places), strict=True)
    )
    upcoming = {id(turn) for turn in track.upcoming(statuses.at)}
    edges = [
        (scale.x(local_day(edge.earliest, tz)), scale.x(local_day(edge.latest, tz))) for edge in track.edges if edge
    ]
    passage_days = [local_day(passage.on.latest, tz) for passage in track.passages if not passage.effect.none]
    return LaneRow(
        label=label,
        numbers=numbers,
        status=statuses.status(track),
        bands=bands,
        uncertain="".join(f"M{west:g} 8H{max(east, west + MIN_BAND_WIDTH):g}" for west, east in edges),
        ahead=tuple(band for band, turn in zip(bands, track.turns, strict=True) if id(turn) in upcoming),
        passages="".join(f"M{scale.x(day):g} 8h.01" for day in passage_days),
        track=track,
    )


def _band_class(track: StatusTrack, status: str) -> str:
    """The class of a band: a permission in force is coloured otherwise than a restriction in force."""
    subject = track.subject
    if isinstance(subject, Measure):
        return f"{subject.kind.value}-{status}"
    return "stage" if isinstance(subject, Instrument) and status != "none" else status
