"""Seeded assertions in bulk, for benchmarks: N of them on N/10 tracks, with all that the rule of time is for.

    python benchmarks/synthetic.py [--assertions 1000000] [--seed 1] [--parquet DIR --parts 8]

Shares (of effects, where nothing else is said), after what a desk's record and the Oxford revisions look like:

| trait | share |
|---|---|
| standing restriction or permission, open-ended | 45 % |
| extension to a stated end, 30 to 400 days | 20 % |
| temporary exemption, 1 to 30 days | 15 % |
| lifting, open-ended | 20 % |
| begins the day it is announced / up to 30 days later / up to 30 days before | 50 / 40 / 10 % |
| the day it begins is uncertain by 1 to 31 days | 5 % |
| the day it ends is uncertain by 1 to 7 days, of those that end | 5 % |
| recorded late, by up to 400 days | 10 % |
| corrected within 60 days: other dates, and the old version stays known before | 8 % |
| retracted within 60 days | 1 % |
| on one of the busiest 1 % of the tracks | 20 % |

A correction makes three assertions out of one: the old content before the correction was announced; the old content
after that but before it was recorded; the new content after both. An announcement has 1.5 effects on average.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as compute
from numpy.typing import NDArray

from tracker.model.dates import DAY, FOREVER, Instant
from tracker.scale.parts import SCHEMA, write_parts
from tracker.timeline.knowledge import EVERYTHING, Known

Ints = NDArray[np.int64]
FIRST: Instant = 1_577_836_800_000_000  # 2020-01-01, UTC
DAYS = 2_000  # over which announcements are made
EDGES = ("begins_earliest", "begins_latest", "ends_earliest", "ends_latest", "announced_from", "announced_to",
         "recorded_from", "recorded_to")  # fmt: skip
KINDS = ("in-force", "in-force", "eased", "lifted")  # of standing, extension, exemption, lifting
CORRECTED, RETRACTED = 0.08, 0.01


@dataclass(frozen=True, eq=False)
class Synthetic:
    """Assertions as plain columns, in the order of §5: row i is the i-th place. Instants in microseconds."""

    tracks: int
    track: NDArray[np.int32]
    announcement: NDArray[np.int32]  # numbered in the order
    effect: NDArray[np.int32]
    value: NDArray[np.int8]  # index into KINDS
    order: Ints
    begins_earliest: Ints
    begins_latest: Ints
    ends_earliest: Ints
    ends_latest: Ints
    announced_from: Ints
    announced_to: Ints
    recorded_from: Ints
    recorded_to: Ints

    def __len__(self) -> int:
        return len(self.track)

    def question(self) -> tuple[Instant, Known]:
        """A date in the middle, on what had been announced and recorded a little later."""
        at = FIRST + (DAYS // 2) * DAY + DAY // 2
        position = int(self.recorded_from.max()) * 2 // 3
        return at, Known(at + 90 * DAY, position)

    def questions(self) -> dict[str, tuple[Instant, Known]]:
        """Three: with everything known, with an earlier knowledge, and early in the history."""
        at, known = self.question()
        return {
            "everything known": (at, EVERYTHING),
            "as known then": (at, known),
            "a year in": (FIRST + 365 * DAY, EVERYTHING),
        }


def generate(assertions: int, seed: int = 1) -> Synthetic:
    """The assertions; the same for the same size and seed."""
    random = np.random.default_rng(seed)
    corrected = round(assertions * CORRECTED / (1 + 2 * CORRECTED + RETRACTED))
    retracted = round(corrected * RETRACTED / CORRECTED)
    count = assertions - 2 * corrected - retracted
    tracks = max(1, assertions // 10)
    announcement, effect, announced = _announcements(random, count)
    track = _tracks(random, count, tracks)
    kind = random.choice(4, count, p=(0.45, 0.20, 0.15, 0.20)).astype(np.int8)
    edges = _validity(random, announced, kind)
    changed = random.choice(count, corrected + retracted, replace=False)
    known_at = announced[changed] + random.integers(1, 61, len(changed)) * DAY
    recorded, position = _positions(random, announced, announcement, changed, known_at)
    base = [track, announcement, effect, kind, announced, *edges, announced.copy(), _forever(count)]
    base += [recorded, _forever(count)]
    # The old content goes on being known where the correction is not: it is public, but not yet recorded.
    before = [column[changed] for column in base]
    before[_ANNOUNCED_FROM], before[_RECORDED_TO] = known_at, position
    fresh = changed[:corrected]
    after = [column[fresh] for column in base]
    after[_EDGES] = _validity(random, announced[fresh], kind[fresh])
    after[_ANNOUNCED_FROM], after[_RECORDED_FROM] = known_at[:corrected], position[:corrected]
    base[_ANNOUNCED_TO][changed] = known_at
    columns = [np.concatenate(parts) for parts in zip(base, before, after, strict=True)]
    order = np.lexsort((columns[2], columns[1]))  # announcements are numbered in the order
    return Synthetic(tracks, *(np.ascontiguousarray(column[order]) for column in columns))


_EDGES, _ANNOUNCED_FROM, _ANNOUNCED_TO, _RECORDED_FROM, _RECORDED_TO = slice(5, 9), 9, 10, 11, 12  # of the columns


def _forever(count: int) -> Ints:
    return np.full(count, FOREVER, np.int64)


def _announcements(random: np.random.Generator, count: int) -> tuple[NDArray[np.int32], NDArray[np.int32], Ints]:
    """Of each effect: the number of its announcement, its place in it, and the day."""
    first = random.random(count) < 1 / 1.5
    first[:1] = True
    announcement = (np.cumsum(first) - 1).astype(np.int32)
    starts = np.flatnonzero(first)
    effect = (np.arange(count) - starts[announcement]).astype(np.int32)
    days = np.sort(random.integers(0, DAYS, len(starts)))
    return announcement, effect, FIRST + days[announcement] * DAY


def _tracks(random: np.random.Generator, count: int, tracks: int) -> NDArray[np.int32]:
    busy = random.random(count) < 0.2
    return np.where(busy, random.integers(0, max(1, tracks // 100), count), random.integers(0, tracks, count)).astype(
        np.int32
    )


def _validity(random: np.random.Generator, announced: Ints, kind: NDArray[np.int8]) -> list[Ints]:
    """Earliest and latest begin, earliest and latest end."""
    count = len(announced)
    late, early = random.integers(0, 31, count), -random.integers(0, 31, count)
    offset = np.choose(random.choice(3, count, p=(0.5, 0.4, 0.1)), (np.zeros(count, np.int64), late, early))
    begins = announced + offset * DAY
    earliest = begins - np.where(random.random(count) < 0.05, random.integers(1, 32, count), 0) * DAY
    length = np.select([kind == 1, kind == 2], [random.integers(30, 401, count), random.integers(1, 31, count)], 0)
    latest_end = np.where(length > 0, begins + length * DAY, FOREVER)
    unsure = (length > 7) & (random.random(count) < 0.05)
    earliest_end = latest_end - np.where(unsure, random.integers(1, 8, count), 0) * DAY
    return [earliest, begins, earliest_end, latest_end]


def _positions(
    random: np.random.Generator, announced: Ints, announcement: Ints, changed: Ints, known_at: Ints
) -> tuple[Ints, Ints]:
    """Positions in the log of each effect's announcement, and of each correction: nearly the order of announcement."""
    count = int(announcement[-1]) + 1
    first = np.searchsorted(announcement, np.arange(count))
    stored = announced[first] + _delay(random, count)
    changed_at = np.maximum(known_at + _delay(random, len(known_at)), stored[announcement[changed]])
    position = np.empty(count + len(changed), np.int64)
    position[np.argsort(np.concatenate([stored, changed_at]), kind="stable")] = np.arange(1, len(position) + 1)
    return position[announcement], position[count:]


def _delay(random: np.random.Generator, count: int) -> Ints:
    return np.where(random.random(count) < 0.1, random.integers(0, 401, count), 0) * DAY


def names(made: Synthetic) -> list[str]:
    """The names of the tracks."""
    width = len(str(made.tracks))
    return [f"measure:m{number:0{width}}" for number in range(made.tracks)]


def batches(made: Synthetic, size: int = 250_000) -> Iterator[pa.RecordBatch]:
    """The same as Arrow, in the columns and the order of an export."""
    tracks, values = pa.array(names(made)), pa.array(KINDS)
    by_track = np.argsort(made.track, kind="stable")
    for start in range(0, len(made), size):
        piece = by_track[start : start + size]
        announcements = compute.binary_join_element_wise(
            "a", compute.utf8_lpad(compute.cast(pa.array(made.announcement[piece]), pa.string()), 9, "0"), ""
        )
        named = [tracks.take(pa.array(made.track[piece])), pa.array(made.order[piece]),
                 pa.array(np.zeros(len(piece), np.int32)), announcements,
                 pa.array(made.effect[piece]), values.take(pa.array(made.value[piece]))]  # fmt: skip
        yield pa.record_batch(
            [*named, pa.nulls(len(piece), pa.string()), *(pa.array(getattr(made, name)[piece]) for name in EDGES)],
            SCHEMA,
        )


def write(made: Synthetic, folder: Path, parts: int) -> None:
    """Write parts, as `tracker export` does."""
    write_parts(batches(made), [], "UTC", int(made.recorded_from.max()), folder=folder, parts=parts)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--assertions", type=int, default=1_000_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--parquet", type=Path, metavar="DIR")
    options.add_argument("--parts", type=int, default=8)
    asked = options.parse_args()
    made = generate(asked.assertions, asked.seed)
    print(f"{len(made):,} assertions on {made.tracks:,} tracks, of {int(made.announcement.max()) + 1:,} announcements")
    print(f"{(made.announced_to < FOREVER).mean():.1%} superseded, {(made.recorded_to < FOREVER).mean():.1%} until it "
          f"was recorded, {(made.begins_earliest < made.begins_latest).mean():.1%} begin on an uncertain day, "
          f"{(made.ends_latest < FOREVER).mean():.1%} end")  # fmt: skip
    if asked.parquet:
        write(made, asked.parquet, asked.parts)
        print(f"written: {asked.parquet}")


if __name__ == "__main__":
    sys.exit(main())
