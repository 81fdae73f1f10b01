"""Answers as flat tables, for spreadsheets and programs: a row for each lane, change or announcement."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tracker.extras import require
from tracker.model.dates import DAY_RANGE_FORM
from tracker.queries.answer_base import Answer
from tracker.queries.answers import LaneAnswer, LaneName, LanesState, PledgeAnswer
from tracker.queries.change_answers import ChangeAnswer, Difference, HistoryAnswer, PeriodChange, SeriesPoint
from tracker.queries.log import LogEntry
from tracker.queries.measure_answers import InstrumentAnswer, MeasureAnswer, StateAnswer
from tracker.queries.passages import PassageAnswer
from tracker.queries.statement_answers import AnnouncementAnswer
from tracker.queries.subjects import SubjectAnswer

if TYPE_CHECKING:
    import pyarrow

Value = str | int | float | bool | None
FlatRow = Mapping[str, Value]

STATE = {
    "as_of": str, "announced_by": str, "recorded_by": str, "subject": str, "kind": str, "name": str, "mode": str,
    "traffic": str, "direction": str, "status": str, "severity": int, "otherwise": str, "but_for": str, "through": str,
    "except": str, "formalities": str, "exposure": str, "level": str, "amount": str, "unit": str, "hours": str,
    "exemptions": str,
    "since": str, "since_earliest": str,
    "since_latest": str, "until": str, "reason": str, "uncertain_alternative": str, "uncertain_from": str,
    "uncertain_to": str, "disputed": str, "announcements": str, "passages": int, "last_passage": str,
    "quantity": float, "stale_days": int,
}  # fmt: skip
HISTORY = {
    "subject": str, "kind": str, "name": str, "mode": str, "traffic": str, "direction": str, "from": str,
    "from_earliest": str, "from_latest": str, "until": str, "until_earliest": str, "until_latest": str,
    "status": str, "severity": int, "otherwise": str, "but_for": str, "through": str, "amount": str,
    "exemptions": str, "reason": str, "announcements": str,
}  # fmt: skip
ANNOUNCEMENTS = {
    "id": str, "announced": str, "announced_earliest": str, "announced_latest": str, "parties": str, "speakers": str,
    "title": str, "summary": str, "verification": str, "effects": str, "about": str, "publishers": str, "titles": str,
    "urls": str, "kinds": str,
    "denied_by": str, "version": int, "versions": int, "retracted": bool, "position": int, "recorded_at": str,
    "digest": str,
}  # fmt: skip

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # spreadsheets narrow the wide ones


def harmless(value: Value) -> Value:
    """Quote a cell that a spreadsheet would take for a formula. Source: OWASP, CSV injection."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


def csv_text(columns: Mapping[str, type], rows: Iterable[FlatRow]) -> str:
    """Rows as CSV (RFC 4180)."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)  # its default dialect ends lines with CRLF, as the RFC does
    writer.writerow(columns)
    writer.writerows([harmless(row.get(name)) for name in columns] for row in rows)
    return text.getvalue()


def state_rows(answers: Iterable[StateAnswer]) -> Iterator[FlatRow]:
    """The rows of states: one for each lane, measure and text."""
    for answer in answers:
        common = {
            "as_of": answer.as_of,
            "announced_by": answer.announced_by,
            "recorded_by": answer.recorded_by,
            "subject": answer.subject,
            "kind": answer.kind.value,
            "name": answer.name,
        }
        match answer:
            case LanesState():
                yield from ({**common, **_lane(lane)} for lane in answer.lanes)
            case _:
                yield {**common, **_whole(answer)}


def _lane(lane: LaneAnswer) -> FlatRow:
    return {
        **_lane_name(lane),
        "status": lane.status.value,
        "severity": lane.severity,
        **_parts(lane),
        "except": _joined(cause.measure or "" for cause in lane.exceptions),
        "formalities": _joined(measure.measure for measure in lane.formalities),
        "exposure": _joined(measure.measure for measure in lane.exposure),
        **_edge("since", lane.since),
        "reason": lane.reason,
        **_uncertain(lane),
        "disputed": _joined(lane.disputed),
        "announcements": _joined(cause.announcement for cause in lane.because if cause.announcement),
        "passages": lane.passages.count,
        "last_passage": lane.passages.last,
        "quantity": lane.passages.quantity,
        "stale_days": lane.stale_days,
    }


def _parts(answer: LaneAnswer | ChangeAnswer) -> FlatRow:
    """The status of the rest of a restricted lane, who has another, and the best crossings in words."""
    return {
        "otherwise": answer.otherwise.value if answer.otherwise else None,
        "but_for": _joined(answer.but_for),
        "through": "; ".join(way.text for way in answer.through if way.text) or None,
    }


def _whole(answer: MeasureAnswer | InstrumentAnswer) -> FlatRow:
    measure = answer if isinstance(answer, MeasureAnswer) else None
    status = answer.state if isinstance(answer, MeasureAnswer) else answer.stage
    return {
        "status": status.value if status else "none",
        "level": measure.level.value if measure and measure.level else None,
        "amount": measure.amount if measure else None,
        "unit": measure.unit if measure else None,
        "hours": measure.hours if measure else None,
        "exemptions": _joined(exemption.exemption for exemption in measure.exemptions) if measure else "",
        **_edge("since", answer.since),
        "until": measure.until if measure else None,
        "reason": answer.reason,
        **_uncertain(answer),
        "disputed": _joined(measure.disputed) if measure else "",
        "announcements": answer.announcement or "",
    }


def _uncertain(answer: LaneAnswer | MeasureAnswer | InstrumentAnswer) -> FlatRow:
    uncertain = answer.uncertain
    return {
        "uncertain_alternative": uncertain.alternative if uncertain else None,
        "uncertain_from": uncertain.starts if uncertain else None,
        "uncertain_to": uncertain.ends if uncertain else None,
    }


def history_rows(answers: Iterable[HistoryAnswer]) -> Iterator[FlatRow]:
    """The rows of histories: one for each change."""
    for answer in answers:
        common = {"subject": answer.subject, "kind": answer.kind.value, "name": answer.name}
        for lane in answer.lanes:
            yield from ({**common, **_lane_name(lane), **_change(change)} for change in lane.changes)
        yield from ({**common, **_change(change)} for change in answer.changes)


def _lane_name(lane: LaneName) -> FlatRow:
    return {"mode": lane.mode.value, "traffic": lane.traffic.value, "direction": lane.direction}


def _change(change: ChangeAnswer) -> FlatRow:
    return {
        **_edge("from", change.at),
        **_edge("until", change.until),
        "status": change.status,
        "severity": change.severity,
        **_parts(change),
        "amount": change.amount,
        "exemptions": _joined(change.exemptions),
        "reason": change.reason,
        "announcements": _joined(change.announcements),
    }


def announcement_rows(answers: Iterable[AnnouncementAnswer]) -> Iterator[FlatRow]:
    """The rows of announcements, one for each."""
    for answer in answers:
        speakers = (" ".join(filter(None, (speaker.name, speaker.office))) or speaker.party for speaker in answer.by)
        yield {
            "id": answer.id,
            **_edge("announced", answer.announced),
            "parties": _joined(dict.fromkeys(speaker.party for speaker in answer.by)),
            "speakers": _joined(speakers),
            "title": answer.title,
            "summary": answer.summary,
            "verification": answer.status,
            "effects": _joined(answer.effects),
            "about": _joined(answer.about),
            "publishers": _joined(source.publisher for source in answer.sources),
            "titles": _joined(source.title or "" for source in answer.sources),
            "urls": _joined(source.url or "" for source in answer.sources),
            "kinds": _joined(source.kind or "" for source in answer.sources),
            "denied_by": _joined(answer.denied_by),
            "version": answer.version,
            "versions": answer.versions,
            "retracted": answer.retracted,
            "position": answer.position,
            "recorded_at": answer.recorded_at,
            "digest": answer.digest,
        }


def _edge(name: str, text: str | None) -> FlatRow:
    """A date as text, and its earliest and latest days."""
    match = DAY_RANGE_FORM.fullmatch(text or "")
    first, last = match.groups() if match else (text, text)
    return {name: text, f"{name}_earliest": first, f"{name}_latest": last}


def _joined(values: Iterable[str]) -> str:
    return " | ".join(values)


def plain_rows(answers: Iterable[Answer]) -> Iterator[FlatRow]:
    """A row for each answer, with lists of words joined and nested values as JSON."""
    for answer in answers:
        yield {name: _plain(value) for name, value in answer.model_dump(mode="json", by_alias=True).items()}


def _plain(value: Any) -> Value:
    match value:
        case list() if all(isinstance(item, str) for item in value):
            return _joined(value)
        case list() | dict():
            return json.dumps(value, ensure_ascii=False)
        case None | str() | int() | float():
            return value
        case _:
            raise AssertionError(f"{value!r} is not JSON")


def plain_columns(model: type[Answer]) -> dict[str, type]:
    """The columns of `plain_rows` of a model, each with the type of its cells."""
    return {field.alias or name: _type(field.annotation) for name, field in model.model_fields.items()}


def _type(annotation: Any) -> type:
    return next((kind for kind in (bool, int, float) if annotation in (kind, kind | None)), str)


Rows = Callable[[Iterable[Any]], Iterator[FlatRow]]
_FLAT: Mapping[str, type[Answer]] = {
    "promises": PledgeAnswer,
    "passages": PassageAnswer,
    "series": SeriesPoint,
    "changes": LogEntry,
    "differences": Difference,
    "changes-in-period": PeriodChange,
    "subjects": SubjectAnswer,
}
TABLES: Mapping[str, tuple[Mapping[str, type], Rows]] = {
    "state": (STATE, state_rows),
    "history": (HISTORY, history_rows),
    "announcements": (ANNOUNCEMENTS, announcement_rows),
    **{name: (plain_columns(model), plain_rows) for name, model in _FLAT.items()},
}


def arrow(columns: Mapping[str, type], rows: Iterable[FlatRow]) -> "pyarrow.Table":
    """Rows as an Arrow table."""
    require("arrow")
    import pyarrow  # slow to import

    types = {str: pyarrow.string(), int: pyarrow.int64(), float: pyarrow.float64(), bool: pyarrow.bool_()}
    schema = pyarrow.schema([(name, types[kind]) for name, kind in columns.items()])
    return pyarrow.Table.from_pylist([{name: row.get(name) for name in columns} for row in rows], schema)


def csv_of(table: str, answers: Sequence[Answer]) -> str:
    """Answers as CSV, with the columns of a table."""
    columns, rows = TABLES[table]
    return csv_text(columns, rows(answers))
