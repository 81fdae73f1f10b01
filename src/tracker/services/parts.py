"""The record in parts, for those who outgrow one process: written from a store or files, and asked by an engine."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.model.dates import zone
from tracker.model.errors import BadRequest
from tracker.queries.clocks import Clocks, clocks
from tracker.scale.parts import Parts, batch_of, parts_in, write_parts
from tracker.scale.states import Question
from tracker.services import records, stores

if TYPE_CHECKING:
    from tracker.projections.stream import Stream
    from tracker.scale.work import Summary


class Engine(StrEnum):
    """What does the work."""

    LOCAL = "local"
    SPARK = "spark"


def export_store(url: str, folder: Path, parts: int, say: stores.Say) -> int:
    """Write every assertion of a store as Parquet in parts, without holding them all.

    Returns: how many.
    Raises: BadRequest, OSError, and what the store raises.
    """
    from tracker.projections.stream import stream_of_store

    with stream_of_store(stores.up_to_date(url, say)) as stream:
        return _written(stream, folder, parts)


def export_files(dataset: Path, folder: Path, parts: int, now: datetime) -> int:
    """The same straight from a dataset's files.

    Raises: DatasetErrors, BadRequest, OSError.
    """
    from tracker.projections.stream import stream_of_record

    return _written(stream_of_record(records.from_files(dataset, now)[0].record), folder, parts)


def _written(stream: "Stream", folder: Path, parts: int) -> int:
    batches = map(batch_of, stream.batches)
    return write_parts(batches, stream.log, stream.timezone, stream.position, folder=folder, parts=parts)


@dataclass(frozen=True)
class Asked:
    """A question to the parts in a folder."""

    parts: Parts
    clocks: Clocks

    @classmethod
    def of(
        cls, folder: Path, as_of: str | None, announced_by: str | None, recorded_by: str | None, today: date
    ) -> "Asked":
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
    def question(self) -> Question:
        return Question(self.clocks.as_of, self.clocks.known)

    def on(self, engine: Engine, out: Path | None, *, workers: int | None, master: str | None) -> Iterator["Summary"]:
        """Answer every part, and write the answers where a folder is given for them.

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
