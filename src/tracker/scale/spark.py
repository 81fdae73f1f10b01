"""The engine beyond one machine: the same function on Apache Spark, a task for each part.

Spark moves no assertion: it hands out the names of the parts, its workers read them, and a worker that dies is
replaced and its parts done again. Every worker needs this program, and the folder under the same name.
"""

import os
import shutil
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tracker.extras import require
from tracker.model.errors import TrackerError
from tracker.scale.parts import Parts
from tracker.scale.states import StatesQuestion
from tracker.scale.work import Summary, answer_part

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LOCAL = "local[*]"
SCHEMA = "part int, assertions long, tracks long, decided long, uncertain long, lapsed long, checksum string"
_QUIET = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.python.worker.reuse": "true",
}


@contextmanager
def session(master: str = LOCAL, settings: dict[str, str] | None = None) -> Iterator["SparkSession"]:
    """A session on a Spark master, stopped at the end.

    Raises: TrackerError where PySpark or Java are missing, or the master does not answer.
    """
    builder = _builder()
    # The workers of this machine must be the Python that has this program.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    for name, value in {**_QUIET, **(settings or {})}.items():
        builder = builder.config(name, value)
    try:
        spark = builder.master(master).appName("tracker states-at-scale").getOrCreate()
    except Exception as error:  # py4j and PySpark raise many kinds
        raise TrackerError(f"Spark did not start on {master}: {error}") from error
    try:
        yield spark
    finally:
        spark.stop()


def _builder() -> Any:
    # It warns of a pandas that it does not know; nothing here uses pandas.
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    require("spark")
    from pyspark.sql import SparkSession

    if not os.environ.get("JAVA_HOME") and shutil.which("java") is None:
        raise TrackerError(
            "--engine spark needs a Java runtime, 17 or newer, and there is no `java` on the path: "
            "install one, set JAVA_HOME, or use --engine local"
        )
    return SparkSession.builder


def answered(spark: "SparkSession", parts: Parts, question: StatesQuestion, out: Path | None) -> Iterator[Summary]:
    """Compute the states in every part, on Spark. Raises: what Spark raises where a part fails repeatedly."""
    files = [str(file.resolve()) for file in parts.files]
    folder = None if out is None else str(out.resolve())

    def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for number in batch.column(0).to_pylist():
                summary = answer_part(number, files[number], question, folder)._asdict()
                # A checksum has 64 bits and no sign, which no number of Spark's holds.
                yield pa.RecordBatch.from_pylist([{**summary, "checksum": str(summary["checksum"])}], _RESULT)

    numbers = spark.range(0, len(files), 1, len(files))  # one part for each of Spark's partitions
    for row in numbers.mapInArrow(work, SCHEMA).collect():
        summary = row.asDict()
        yield Summary(**{**summary, "checksum": int(summary["checksum"])})


_RESULT = pa.schema(
    [("part", pa.int32()), *((name, pa.int64()) for name in Summary._fields[1:-1]), ("checksum", pa.string())]
)
