"""The timeline as JSON for the browser: small enough to be held whole, so that a step of playback needs no request."""

import json
from collections.abc import Iterator
from typing import Any

from tracker.model.dates import FOREVER
from tracker.web.timeline import FIRST_DAY, RANK, StatusTrack, Timeline, local_day

VERSION = 3


def timeline_json(timeline: Timeline) -> str:
    """The JSON of a timeline; static/record.js reads it."""
    return json.dumps(_Packer(timeline).body(), ensure_ascii=False, separators=(",", ":"))


class _Packer:
    """Tracks that are equal are sent once; tracks and announcements are referred to by their number."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.numbers = {announcement.id: number for number, announcement in enumerate(timeline.announcements)}
        self.statuses: dict[str, int] = dict(RANK)
        self.track_numbers: dict[str, int] = {}
        self.tracks: list[Any] = []

    def body(self) -> dict[str, Any]:
        timeline = self.timeline
        subjects = [self._subject(key) for key in timeline.tracks]
        return {
            "version": VERSION,
            "position": timeline.position,
            "today": timeline.today.isoformat(),
            "covered": timeline.covered,
            "hours": bool(timeline.record.expressions),
            "span": timeline.span,
            "scales": {name: [scale.days, scale.units] for name, scale in timeline.scales.items()},
            "statuses": list(self.statuses),
            "subjects": subjects,
            "tracks": self.tracks,
            "announcements": list(self._announcements()),
            "pledges": [[_short(span.begin), _short(span.end), span.at] for span in timeline.pledge_spans],
        }

    def _subject(self, key: str) -> list[Any]:
        tracks = self.timeline.tracks[key]
        subject = tracks[0].subject if tracks else self.timeline.view.registry.with_state[key]
        return [key, subject.type.value, self.timeline.name(key), [self._lane(track) for track in tracks]]

    def _lane(self, track: StatusTrack) -> list[Any]:
        lane = track.lane
        name = [lane.mode.value, lane.traffic.value, lane.direction] if lane else ["", "", ""]
        return [*name, self._track_number(track)]

    def _track_number(self, track: StatusTrack) -> int:
        body = self._track(track)
        text = json.dumps(body)
        if text not in self.track_numbers:
            self.track_numbers[text] = len(self.tracks)
            self.tracks.append(body)
        return self.track_numbers[text]

    def _track(self, track: StatusTrack) -> list[Any]:
        tz = self.timeline.tz
        days = [_short(local_day(at, tz)) for at in track.times]
        codes = [self.statuses.setdefault(look, len(self.statuses)) for look in track.looks]
        if track.end < FOREVER:  # from then on there is no such lane
            days.append(_short(local_day(track.end, tz)))
            codes.append(self.statuses.setdefault("none", len(self.statuses)))
        edges = {number: _short(local_day(edge.earliest, tz)) for number, edge in enumerate(track.edges) if edge}
        ahead = {
            number: _short(local_day(announced, tz))
            for number, (announced, at) in enumerate(zip(track.announced, track.times, strict=True))
            if announced is not None and announced < at
        }
        causes = [
            [self.numbers[key] for key in turn.change.announcements if key in self.numbers] for turn in track.turns
        ]
        causes += [[]] * (len(days) - len(causes))
        return [days, codes, edges, ahead, causes]

    def _announcements(self) -> Iterator[list[Any]]:
        timeline = self.timeline
        for announcement, day in zip(timeline.announcements, timeline.announced_days, strict=True):
            parties = ", ".join(dict.fromkeys(speaker.party for speaker in announcement.by))
            yield [announcement.id, _short(day), parties, announcement.title]


def _short(day: float) -> float | int | None:
    if abs(day) >= abs(FIRST_DAY):
        return None
    return int(day) if day == int(day) else day
