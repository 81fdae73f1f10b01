"""The statuses of tracks at the instant, or on the day, that a page shows. Source: design §5, "Hours".

A timeline has statuses over periods: where something holds at some hours only, the lane is restricted as long as it
does. At an instant, and on a day on which none of the hours fall, it may be something else.
"""

from collections.abc import Sequence
from functools import cached_property

from tracker.model.registry import Measure
from tracker.presentation.statuses import look
from tracker.queries.clocks import Clocks
from tracker.queries.reasons import reason_at
from tracker.state.lane_history import LaneHistory, lane_history
from tracker.state.measures import measure_standing
from tracker.state.narrowing import holds_in_part
from tracker.state.record import View
from tracker.timeline.assertions import measure_track
from tracker.web.timeline import RANK, StatusRange, StatusTrack, Timeline


class StatusesAt:
    """The statuses of the tracks of a timeline by the clocks of a page."""

    def __init__(self, timeline: Timeline, clocks: Clocks) -> None:
        self.timeline, self.at = timeline, clocks.as_of
        self._clocks = clocks
        self._kept: dict[int, str] = {}

    def status(self, track: StatusTrack) -> str:
        """The look of a track's status."""
        key = id(track)
        if key not in self._kept:
            self._kept[key] = self._status(track)
        return self._kept[key]

    def range(self, tracks: Sequence[StatusTrack]) -> StatusRange | None:
        """The worst and the best status of the tracks that exist; None of no tracks."""
        existing = (track for track in tracks if track.exists(self.at))
        statuses = sorted(map(self.status, existing), key=lambda status: RANK.get(status, len(RANK)))
        return StatusRange(statuses[0], statuses[-1]) if statuses else None

    def reason(self, track: StatusTrack) -> str:
        """The decisive reason for a track's status."""
        history = self._history(track)
        return self.timeline.reason(track, self.at) if history is None else reason_at(history, self.at)

    @cached_property
    def _view(self) -> View | None:
        """The record with hours as they hold; None where they do as over their periods."""
        view = self.timeline.record.at(self._clocks.known, self._clocks.asked)
        return None if view.asked is None else view

    def _status(self, track: StatusTrack) -> str:
        if self._view is not None and isinstance(track.subject, Measure):
            if self._has_hours(self._view, track.subject):
                return measure_standing(self._view, track.subject, self.at).state.value
        elif track.exists(self.at) and (history := self._history(track)) is not None:
            number = history.number(self.at)
            return look(history.status(number), history.otherwise(number))
        return track.status(self.at)

    def _has_hours(self, view: View, measure: Measure) -> bool:
        tracks = (view.track(measure_track(measure.id)), *view.exemptions_from.get(measure.id, ()))
        return any(holds_in_part(self.timeline.view, track) for track in tracks if track >= 0)

    def _history(self, track: StatusTrack) -> LaneHistory | None:
        """The history of a lane with hours as they hold; None where none bear on it."""
        if self._view is None or track.lane is None:
            return None
        question = self.timeline.flow.question(self._view.registry)
        history = lane_history(self._view, track.lane, question)
        bears = any(holds_in_part(self.timeline.view, number) for number in history.tracks)
        return history if bears else None
