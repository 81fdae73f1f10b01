"""Assertions as Parquet in parts, for records that outgrow one process: written from a store or files, then queried."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.model.dates import Instant, instant, zone
from tracker.model.errors import BadRequest
from tracker.queries.clocks import Clocks, clocks
from tracker.scale.parts import Parts, batches_of, parts_in, write_parts
from tracker.scale.states import StatesQuestion
from tracker.services import records, stores
from tracker.state.record import Record

if TYPE_CHECKING:
    from tracker.scale.work import Summary


class Engine(StrEnum):
    """Programs that compute states from parts."""

    LOCAL = "local"
    SPARK = "spark"


def export_store(url: str, folder: Path, parts: int, say: stores.Say) -> int:
    """Write all assertions of a store as Parquet in parts.

    Returns: how many.
    Raises: BadRequest, OSError, and what the store raises.
    """
    from tracker.projections.load import opened, recorded_at

    address = stores.up_to_date(url, say)
    with opened(address) as record:
        return _write(record, recorded_at(address, record.position), folder, parts)


def export_files(dataset: Path, folder: Path, parts: int, now: datetime) -> int:
    """Write all assertions of a dataset's files as Parquet in parts.

    Returns: how many.
    Raises: DatasetErrors, BadRequest, OSError.
    """
    record = records.from_files(dataset, now)[0].record
    versions = (version for history in record.announcements.values() for version in history)
    log = sorted({(version.position, instant(version.recorded_at)) for version in versions})
    return _write(record, log, folder, parts)


def _write(record: Record, log: Iterable[tuple[int, Instant]], folder: Path, parts: int) -> int:
    timezone = record.registry().dataset.timezone
    return write_parts(batches_of(record.assertions), log, timezone, record.position, folder=folder, parts=parts)


@dataclass(frozen=True)
class PartsQuestion:
    """A question to the parts in a folder."""

    parts: Parts
    clocks: Clocks

    @classmethod
    def of(
        cls, folder: Path, as_of: str | None, announced_by: str | None, recorded_by: str | None, today: date
    ) -> "PartsQuestion":
        """Read the clocks as any question's, in the time zone of the dataset that was exported.

        Raises: BadRequest, TrackerError where the parts are not whole.
        """
        parts = parts_in(folder)
        tz = zone(parts.timezone)
        return cls(
            parts,
            clocks(as_of, announced_by, recorded_by, tz=tz, today=lambda: today, position_at=parts.position_at),
        )

    @property
    def question(self) -> StatesQuestion:
        return StatesQuestion(self.clocks.as_of, self.clocks.known)

    def on(self, engine: Engine, out: Path | None, *, workers: int | None, master: str | None) -> Iterator["Summary"]:
        """Compute the states in every part, and write them into a folder if one is given.

        Raises: BadRequest, TrackerError where the engine is not there, OSError.
        """
        if out is not None:
            if out.exists() and (not out.is_dir() or any(out.iterdir())):
                raise BadRequest(f"{out} is not empty: name a folder that is not there yet")
            out.mkdir(parents=True, exist_ok=True)
        if engine is Engine.LOCAL:
            from tracker.scale import local

            yield from local.answered(self.parts, self.question, out, workers)
            return
        from tracker.scale import spark

        with spark.session(master or spark.LOCAL) as session:
            yield from spark.answered(session, self.parts, self.question, out)
