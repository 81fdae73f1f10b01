"""The registry entries of a part of a record: all places and parties, but only some measures and texts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from tracker.model.dates import FOREVER
from tracker.model.register import Register
from tracker.model.registry import Entry, Registry
from tracker.timeline.assertions import measure_track, stage_track

S = TypeVar("S")


class EntriesOfTracks:
    """The registry entries of a record, of measures and texts only those on some tracks."""

    def __init__(self, entries: Register, registry: Callable[[int], Registry], tracks: Sequence[str]) -> None:
        """Args: registry: that of the whole record at a position."""
        self._entries, self._registry, self._tracks = entries, registry, tracks

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def registry(self, recorded_by: int = FOREVER) -> Registry:
        whole = self._registry(recorded_by)
        return replace(
            whole,
            measures=self._named(whole.measures, measure_track("")),
            instruments=self._named(whole.instruments, stage_track("")),
        )

    def _named(self, subjects: Mapping[str, S], prefix: str) -> Mapping[str, S]:
        keys = (track.removeprefix(prefix) for track in self._tracks if track.startswith(prefix))
        return {key: subjects[key] for key in keys if key in subjects}
