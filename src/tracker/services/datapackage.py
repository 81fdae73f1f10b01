"""The record as a Frictionless Data Package: every table as CSV and as Parquet, with a description of each column."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tracker.extras import require
from tracker.queries.announcements import AnnouncementFilter, announcements
from tracker.queries.answer_base import DATE, Answer
from tracker.queries.answers import LaneAnswer, PledgeAnswer
from tracker.queries.change_answers import ChangeAnswer, HistoryAnswer, LaneChanges, SeriesPoint
from tracker.queries.changes import series
from tracker.queries.clocks import Clocks
from tracker.queries.history import history
from tracker.queries.measure_answers import MeasureAnswer
from tracker.queries.passages import PassageAnswer, passages
from tracker.queries.promises import promises
from tracker.queries.selection import Selection
from tracker.queries.state import state
from tracker.queries.statement_answers import AnnouncementAnswer
from tracker.queries.subjects import SubjectAnswer, subjects
from tracker.queries.tabular import TABLES, arrow, csv_text
from tracker.state.record import Record

DESCRIPTOR = "datapackage.json"
TYPES = {str: "string", int: "integer", float: "number", bool: "boolean"}
ABOUT: Mapping[str, tuple[str, tuple[type[Answer], ...]]] = {  # title, and models that describe its columns
    "subjects": ("What is registered.", (SubjectAnswer,)),
    "announcements": ("Who said what, and when.", (AnnouncementAnswer,)),
    "state": ("The state of every lane, measure and text on the date of the package.", (LaneAnswer, MeasureAnswer)),
    "history": ("Every change of status.", (LaneChanges, ChangeAnswer, HistoryAnswer)),
    "series": ("Every change of status in long format, by time.", (SeriesPoint,)),
    "promises": ("What was promised, and what had become of it on the date of the package.", (PledgeAnswer,)),
    "passages": ("What was seen to pass.", (PassageAnswer,)),
}
COLUMNS: Mapping[str, str] = {  # that the models do not describe, by name or by table and name
    "announcements.effects": "The types of the effects, in order.",
    "announcements.parties": "The ids of the parties that made the statement.",
    "history.from": f"From when it was so; empty: since before the record begins. {DATE}",
    "state.announcements": "The ids of the announcements that decide.",
    "state.passages": "How many passages were seen since the lane last became passable.",
    "state.quantity": "Tonnes of goods, or persons, in those passages.",
    "state.status": "The status of a lane, the state of a measure, or the stage of a text.",
    "announced_earliest": "The earliest day on which it may have been announced.",
    "announced_latest": "The latest day on which it may have been announced.",
    "from_earliest": "The earliest day from when it may have been so.",
    "from_latest": "The latest day from when it may have been so.",
    "kinds": "The kinds of the sources: official, agency, press or data.",
    "last_passage": "When a passage was last seen.",
    "publishers": "The publishers of the sources.",
    "since_earliest": "The earliest day since when it may have been so.",
    "since_latest": "The latest day since when it may have been so.",
    "speakers": "Who said it, by name and office.",
    "titles": "The titles of the sources.",
    "uncertain_alternative": "What it would be if the uncertain date fell on another of its days.",
    "uncertain_from": "From when it is open which is right.",
    "uncertain_to": "Until when it is open which is right.",
    "until_earliest": "The earliest day until when it may have been so, exclusive.",
    "until_latest": "The latest day until when it may have been so, exclusive.",
    "urls": "The addresses of the sources.",
    "verification": "How well the coder could check it.",
}


def write_package(record: Record, clocks: Clocks, folder: Path, now: datetime) -> list[Path]:
    """Write the package into a folder, made where there is none; files of an earlier package are replaced.

    Returns: the files.
    Raises: MissingExtra, OSError.
    """
    require("arrow")
    from pyarrow.parquet import write_table

    folder.mkdir(parents=True, exist_ok=True)
    resources, written = [], []
    for table, answers in _tables(record, clocks).items():
        columns, rows = TABLES[table]
        flat = list(rows(answers))
        plain, columnar = folder / f"{table}.csv", folder / f"{table}.parquet"
        plain.write_bytes(csv_text(columns, flat).encode())
        write_table(arrow(columns, flat), columnar)
        resources += [_csv(table, columns, plain), _parquet(table, columnar)]
        written += [plain, columnar]
    descriptor = folder / DESCRIPTOR
    text = json.dumps(_described(record, clocks, resources, now), indent=2, ensure_ascii=False)
    descriptor.write_text(text + "\n", encoding="utf-8")
    return [descriptor, *written]


def _tables(record: Record, clocks: Clocks) -> dict[str, list[Any]]:
    return {
        "subjects": subjects(record, clocks),
        "announcements": announcements(record, clocks, AnnouncementFilter()),
        "state": state(record, clocks),
        "history": history(record, clocks, Selection()),
        "series": series(record, clocks, Selection()),
        "promises": promises(record, clocks),
        "passages": passages(record, clocks),
    }


def _described(record: Record, clocks: Clocks, resources: list[dict[str, Any]], now: datetime) -> dict[str, Any]:
    dataset = record.view.registry.dataset
    title = f"{dataset.name}, as of {clocks.as_of_text}"
    described: dict[str, Any] = {
        "name": "tracker",
        "title": title,
        "description": "The state of borders, crossings, corridors, measures and texts, from announcements alone. "
        "Dates are days in the dataset's time zone where they fall on midnight, [a..b] where uncertain; "
        "`until` is exclusive.",
        "version": f"0.0.{record.position}",
        "created": now.astimezone(UTC).isoformat(timespec="seconds"),
        "profile": "data-package",
        "resources": resources,
    }
    if dataset.licence:
        described["licenses"] = [{"name": dataset.licence, "title": dataset.licence}]
    if dataset.contact:
        described["contributors"] = [{"title": dataset.contact, "role": "publisher"}]
    return described


def _csv(table: str, columns: Mapping[str, type], path: Path) -> dict[str, Any]:
    about, _ = ABOUT[table]
    return {
        "name": table,
        "title": about,
        "path": path.name,
        "type": "table",
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True, "header": True},
        "schema": {"fields": [_field(table, name, kind) for name, kind in columns.items()]},
    }


def _field(table: str, name: str, kind: type) -> dict[str, str]:
    _, models = ABOUT[table]
    fields = (field for model in models for key, field in model.model_fields.items() if name == (field.alias or key))
    described = (field.description for field in fields if field.description)
    text = COLUMNS.get(f"{table}.{name}") or COLUMNS.get(name) or next(described, None)
    assert text is not None, f"column {name} has no description: add one to COLUMNS"
    return {"name": name, "type": TYPES[kind], "description": text}


def _parquet(table: str, path: Path) -> dict[str, Any]:
    about, _ = ABOUT[table]
    return {
        "name": f"{table}-parquet",
        "title": f"{about} The same as Parquet.",
        "path": path.name,
        "type": "file",
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
    }
