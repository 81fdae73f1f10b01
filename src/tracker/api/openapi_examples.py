"""Examples for the OpenAPI document, from the record and written by hand, and the schemas of request bodies."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from tracker.audit.proofs import ConsistencyProof, InclusionProof
from tracker.model.announcement import Announcement, Correction, Retraction
from tracker.model.errors import TrackerError
from tracker.model.fields import Model
from tracker.model.registry import Registry
from tracker.model.vocabulary import Basis, Mode, Stage, SubjectKind, Traffic
from tracker.queries.announcements import AnnouncementFilter, announcements, show
from tracker.queries.answers import BesideAnswer, ExistsAnswer
from tracker.queries.changes import changes, series
from tracker.queries.clocks import Clocks
from tracker.queries.diff import diff
from tracker.queries.geography import features
from tracker.queries.history import history
from tracker.queries.log import DraftAnswer, DraftStatus, LogEntry
from tracker.queries.measure_answers import UnderAnswer, WaitingAnswer
from tracker.queries.needs import journey_needs, needs
from tracker.queries.passages import passages
from tracker.queries.preview import PreviewAnswer, PreviewChange, PreviewExemption, PreviewPledge
from tracker.queries.promises import promises
from tracker.queries.routes import Journey, opened, routes
from tracker.queries.selection import Selection
from tracker.queries.state import state
from tracker.queries.statement_answers import CorrectionAnswer, SourceAnswer
from tracker.queries.subjects import ChargeAnswer, MemberAnswer, subject, subjects
from tracker.queries.why import why
from tracker.services.records import Tracker
from tracker.services.verification import AuditFinding, LogVerification
from tracker.store.drafts import Done

EXAMPLE_DAY, EARLIER_DAY, UNCERTAIN_DAY = "2025-10-28", "2025-10-20", "2020-12-31"


def answer_examples(tracker: Tracker) -> dict[str, Any]:
    """By path: an answer from the record; without the paths that this record has no answer for."""
    record, registry = tracker.record, tracker.record.view.registry
    clocks, earlier, uncertain = (tracker.clocks(day, None, None) for day in (EXAMPLE_DAY, EARLIER_DAY, UNCERTAIN_DAY))
    corridor = Selection((_preferred(registry.corridors, "tr-am-az"),))
    measure = _preferred(registry.measures, "az-transit-bar")
    instrument = _preferred(registry.instruments, "am-az-peace-agreement")
    others = [Selection((key,)) for key in (measure, instrument) if key]
    statement = _preferred(record.announcements, "aliyev-lifts-transit-to-armenia")
    questions: dict[str, Callable[[], Any]] = {
        "/state": lambda: state(record, clocks, corridor),
        "/subjects": lambda: subjects(record, clocks)[:3],
        "/subjects/{subject}": lambda: subject(record, clocks, corridor.subjects[0]),
        "/subjects/{subject}/state": lambda: state(record, clocks, corridor)[0],
        "/subjects/{subject}/why": lambda: why(record, clocks, corridor),
        "/subjects/{subject}/needs": lambda: needs(record, clocks, corridor),
        "/subjects/{subject}/history": lambda: history(record, clocks, corridor)[0],
        "/diff": lambda: diff(record, earlier, clocks, Selection()),
        "/diff/changes": lambda: changes(record, clocks, earlier.as_of, clocks.as_of, Selection())[:3],
        "/series": lambda: series(record, clocks, corridor)[:3],
        "/announcements": lambda: announcements(record, clocks, AnnouncementFilter())[-2:],
        "/announcements/{announcement}": lambda: show(record, clocks, statement),
        "/promises": lambda: promises(record, clocks)[-2:],
        "/passages": lambda: passages(record, clocks)[-2:],
        "/routes": lambda: routes(record, clocks, _journey(registry)),
        "/routes/opened": lambda: opened(record, clocks, _journey(registry)),
        "/routes/needs": lambda: journey_needs(record, clocks, _journey(registry)),
        "/map.geojson": lambda: features(record, clocks, corridor),
        "/changes": lambda: _log_entries(tracker),
        # for schemas only: these show answers that the paths above do not
        "measure and instrument": lambda: _of_each(record, clocks, others),
        "every": lambda: state(record, clocks, Selection()),
        "several modes": lambda: routes(record, clocks, _journey(registry, tuple(Mode))),
        "uncertain": lambda: state(record, uncertain, Selection()),
    }
    examples: dict[str, Any] = {}
    for path, question in questions.items():
        try:
            examples[f"/api/v1{path}"] = question()
        except (TrackerError, IndexError):
            continue
    return examples


def _of_each(record: Any, clocks: Clocks, selections: list[Selection]) -> list[Any]:
    return [question(record, clocks, one) for question in (why, state) for one in selections]


def _preferred(table: Any, key: str) -> str:
    """The key if the table has it, else its first; "" of an empty table."""
    return key if key in table else next(iter(table), "")


def _log_entries(tracker: Tracker) -> list[LogEntry]:
    versions = [version for versions in tracker.record.announcements.values() for version in versions]
    return [
        LogEntry(position=version.position, recorded_at=version.recorded_at, recorded_by=version.recorded_by,
                 type="AnnouncementRecorded", id=version.statement.id, digest=version.digest)
        for version in versions[-2:]
    ]  # fmt: skip


def _journey(registry: Registry, modes: tuple[Mode, ...] = ()) -> Journey:
    territories = list(registry.territories)
    if {"RU", "AM"} <= set(territories):
        return Journey("RU", "AM", goods="1001", modes=modes)
    return Journey(territories[0], territories[-1], modes=modes)


_STATEMENT: dict[str, Any] = {
    "id": "turkey-lets-aid-pass",
    "announced": "2025-03-20",
    "summary": "Turkey lets humanitarian aid pass the Margara bridge for ten days.",
    "by": [{"party": "TR", "name": "Hakan Fidan", "office": "Foreign Minister"}],
    "source": [{"publisher": "Anadolu", "title": "Aid to pass", "published": "2025-03-20", "language": "en"}],
    "effect": [{"type": "exempt", "measure": "tr-closure-1993", "only": ["humanitarian aid"], "at": ["margara"],
                "from": "2025-03-21", "last_day": "2025-03-31"}],
    "relation": [{"type": "implements", "announcement": "armenia-margara-checkpoint-ready"}],
}  # fmt: skip
_ONE_OF_EACH_EFFECT: list[dict[str, Any]] = [
    {"type": "impose", "measure": "tr-closure-1993"},
    {"type": "extend", "measure": "az-land-border-closure", "last_day": "2026-04-01"},
    {"type": "lift", "measure": "az-transit-bar"},
    {"type": "reschedule", "of": "azerbaijan-lets-transit-pass#1", "from": "2025-11-01"},
    {"type": "cancel", "of": "azerbaijan-lets-transit-pass#1"},
    {"type": "permit", "measure": "am-tr-az-transit-permission"},
    {"type": "revoke", "measure": "am-tr-az-transit-permission"},
    {"type": "readiness", "at": "margara", "party": "AM", "modes": ["road"], "state": "ready"},
    {"type": "pledge", "pledge": "am-transit-offer", "kind": "offer", "parties": ["AM"], "text": "Transit for all."},
    {"type": "fulfil", "pledge": "am-transit-offer"},
    {"type": "withdraw", "pledge": "am-transit-offer"},
    {"type": "passage", "at": "ru-az-ge-am", "mode": "rail", "traffic": "goods", "quantity": 1048.8},
    {"type": "stage", "instrument": "am-az-peace-agreement", "stage": "initialled"},
    {"type": "control", "at": "margara", "by": "AM"},
]
_MENDING: dict[str, Any] = {"announced": "2025-04-02", "reason": "The source names another day."}
_CORRECTION: dict[str, Any] = {
    **_MENDING, "id": "margara-day", "corrects": "turkey-lets-aid-pass", "replace": {"summary": "In better words."},
}  # fmt: skip
_RETRACTION: dict[str, Any] = {**_MENDING, "id": "margara-never", "retracts": "turkey-lets-aid-pass"}
_RECORDED_AT = datetime(2025, 3, 20, 9, 30, tzinfo=UTC)
_HASH = bytes(range(32))
_STATEMENT_SCHEMAS = ("Announcement", "Correction", "Retraction")


def written_examples() -> list[BaseModel]:
    """Statements for requests, and their responses: one of each class, with its fields filled in."""
    statement = Announcement.model_validate(_STATEMENT)
    change = PreviewChange(
        subject="margara", kind=SubjectKind.CROSSING, name="Margara", mode=Mode.ROAD, traffic=Traffic.GOODS,
        direction="AM>TR", begins="2025-03-21", until="2025-04-01", before="closed", after="restricted",
        otherwise_before=None, otherwise_after="closed", reason="Turkey's closure, eased (humanitarian aid)",
        words="margara road goods AM>TR: closed → restricted (the rest closed)",
    )  # fmt: skip
    pledge = PreviewPledge(pledge="aid", before="none", after="open", words="pledge aid: none → open")
    exemption = PreviewExemption(
        exemption="food", measure="tr-closure-1993", words="exemption food from tr-closure-1993 stays in force"
    )
    return [
        statement,
        Announcement.model_validate({**_STATEMENT, "effect": _ONE_OF_EACH_EFFECT}),
        Correction.model_validate(_CORRECTION),
        Retraction.model_validate(_RETRACTION),
        Done(outcome="submitted", statement=statement.id, draft="d-5a0f3f1d8e2b7c46", position=426,
             recorded_at=_RECORDED_AT),
        DraftAnswer(
            draft="d-5a0f3f1d8e2b7c46", status=DraftStatus.WAITING, kind="announcement", id=statement.id,
            submitted_by="Ada Lovelace", submitted_at=_RECORDED_AT, decided_by=None, decided_at=None, reason=None,
            position=426, digest=_HASH.hex(), statement=_STATEMENT,
        ),
        CorrectionAnswer(
            kind="corrected", statement="turkey-lets-aid-pass-corrected", announced="2025-04-02",
            reason="It was said a day earlier.",
            sources=(SourceAnswer(publisher="Anadolu", title=None, published="2025-03-19", url=None, kind=None),),
        ),
        BesideAnswer(
            place="margara", authority="TR", measure="tr-lorry-toll", amount="40", unit="EUR a lorry",
            hours="Mo-Fr 08:00-18:00", limits=("lorries",), basis=Basis.DECLARED, announcement=statement.id,
            since="2025-03-21", until="2025-04-01", unverified=False, reason="Turkey's toll on lorries, in force",
        ),
        UnderAnswer(
            instrument="transit-order", name="Order on transit", stage=Stage.TERMINATED, ended=True,
            since="2025-03-21", announcement=statement.id,
        ),
        ExistsAnswer.model_validate(
            {"from": "1993-01-01", "until": "2021-01-01T00:00:00+01:00", "last_day": "2020-12-31", "succeeds": "CS"}
        ),
        ChargeAnswer.model_validate({"side": "AM", "party": "AM", "from": "1991-09-21", "until": None}),
        MemberAnswer.model_validate({"party": "AM", "territory": None, "from": "2015-01-02", "modes": ("road",)}),
        WaitingAnswer(event="the second ratification", change="in force → lifted", announcement=statement.id),
        PreviewAnswer(
            statements=(statement.id,), changes=(change,), pledges=(pledge,), exemptions=(exemption,)
        ),
        InclusionProof(index=0, leaf="{}", size=2, root=_HASH, path=(_HASH,), checkpoint="tracker\n2\n…\n"),
        ConsistencyProof(size1=1, root1=_HASH, size2=2, root2=_HASH, path=(_HASH,)),
        LogVerification(
            size=2, root=_HASH, last_position=2, checkpoints=0, signed_by=None, intact=False,
            findings=(AuditFinding(position=1, message="the event was altered: its leaf says something else"),),
        ),
    ]  # fmt: skip


def body_schemas() -> dict[str, Any]:
    """The schemas of request bodies, by name; statements have the keys of files."""
    template = "#/components/schemas/{model}"
    sent: list[tuple[type[Model], Any]] = [(model, "validation") for model in (Announcement, Correction, Retraction)]
    schemas: dict[str, Any] = models_json_schema(sent, ref_template=template)[1]["$defs"]
    text = repr(schemas)
    schemas = {
        name: schema for name, schema in schemas.items()
        if name in _STATEMENT_SCHEMAS or template.format(model=name) in text
    }  # fmt: skip
    schemas["CorrectionBody"] = _without_target(schemas["Correction"], "corrects", _CORRECTION)
    schemas["RetractionBody"] = _without_target(schemas["Retraction"], "retracts", _RETRACTION)
    reason = {"type": "string", "minLength": 1, "maxLength": 20_000, "pattern": r"\S", "description": "Why."}
    schemas["Rejection"] = {
        "type": "object", "description": "A draft is rejected.", "required": ["reason"],
        "properties": {"reason": reason}, "additionalProperties": False,
        "examples": [{"reason": "The source says otherwise."}],
    }  # fmt: skip
    schemas["Nothing"] = {"type": "object", "description": "Nothing.", "maxProperties": 0}
    return schemas


def _without_target(schema: dict[str, Any], key: str, example: dict[str, Any]) -> dict[str, Any]:
    """The schema of a statement that is about the announcement in the path of the request."""
    required = [name for name in schema["required"] if name != key]
    properties = {name: part for name, part in schema["properties"].items() if name != key}
    shown = {name: part for name, part in example.items() if name != key}
    return {**schema, "required": required, "properties": properties, "examples": [shown]}
