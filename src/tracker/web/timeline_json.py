"""The timeline as the browser gets it: small enough to hold whole, so that a step needs no question."""

import gzip
import json
from typing import Any

from tracker.web.timeline import STATUSES, Timeline, Track, local_day
from tracker.web.views.pledged import spans

VERSION = 1


class Packer:
    """Tracks that are alike are sent once; announcements go by their number."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.number = {each.id: number for number, each in enumerate(timeline.announcements)}
        self.words: dict[str, int] = {status.value: number for number, status in enumerate(STATUSES)}
        self.tracks: dict[str, int] = {}
        self.bodies: list[Any] = []

    def body(self) -> dict[str, Any]:
        timeline = self.timeline
        subjects = [self._subject(key) for key in timeline.tracks]
        return {
            "version": VERSION,
            "position": timeline.position,
            "today": timeline.today.isoformat(),
            "span": timeline.span,
            "scales": {name: [each.days, each.units] for name, each in timeline.scales.items()},
            "statuses": list(self.words),
            "subjects": subjects,
            "tracks": self.bodies,
            "announcements": list(self._announcements()),
            "pledges": list(self._pledges()),
        }

    def _subject(self, key: str) -> list[Any]:
        tracks = self.timeline.tracks[key]
        subject = tracks[0].subject if tracks else self.timeline.view.registry.with_state[key]
        return [key, subject.type.value, self.timeline.name(key), [self._lane(each) for each in tracks]]

    def _lane(self, track: Track) -> list[Any]:
        lane = track.lane
        name = [lane.mode.value, lane.traffic.value, lane.direction] if lane else ["", "", ""]
        return [*name, self._track(track)]

    def _track(self, track: Track) -> int:
        tz = self.timeline.tz
        times = [_short(local_day(at, tz)) for at in track.times]
        codes = [self.words.setdefault(turn.change.status, len(self.words)) for turn in track.turns]
        edges = {n: _short(local_day(edge.earliest, tz)) for n, edge in enumerate(track.edges) if edge}
        ahead = {
            n: _short(local_day(said, tz))
            for n, (said, at) in enumerate(zip(track.announced, track.times, strict=True))
            if said is not None and said < at
        }
        made = [[self.number[key] for key in turn.change.announcements if key in self.number] for turn in track.turns]
        body = [times, codes, edges, ahead, made]
        text = json.dumps(body)
        if text not in self.tracks:
            self.tracks[text] = len(self.bodies)
            self.bodies.append(body)
        return self.tracks[text]

    def _announcements(self) -> Any:
        timeline = self.timeline
        for each, at in zip(timeline.announcements, timeline.announced, strict=True):
            parties = ", ".join(dict.fromkeys(speaker.party for speaker in each.by))
            yield [each.id, _short(local_day(at, timeline.tz)), parties, _head(each.summary)]

    def _pledges(self) -> Any:
        """Where something is promised, from when until when."""
        for span in spans(self.timeline):
            yield [_short(span.begin), _short(span.end), list(span.at)]


def _head(text: str) -> str:
    return text if len(text) <= 110 else text[:108].rsplit(" ", 1)[0] + " …"


def _short(day: float) -> float | int | None:
    if abs(day) >= 1_000_000:
        return None
    return int(day) if day == int(day) else day


def packed(timeline: Timeline) -> tuple[bytes, bytes]:
    """The JSON, plain and compressed."""
    text = json.dumps(Packer(timeline).body(), ensure_ascii=False, separators=(",", ":")).encode()
    return text, gzip.compress(text, 9, mtime=0)
