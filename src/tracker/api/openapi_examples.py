"""The schemas of what is sent: statements with the keys of files; and examples of what is answered to it."""

import json
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from tracker.audit.proofs import ConsistencyProof, InclusionProof
from tracker.model.announcement import Announcement, Correction, Retraction
from tracker.model.fields import Model
from tracker.model.vocabulary import Mode, SubjectKind, Traffic
from tracker.queries.log import DraftAnswer, DraftStatus
from tracker.queries.preview import PreviewAnswer, PreviewChange, PreviewPledge
from tracker.services.audit import Finding, Verification
from tracker.store.drafts import Done

REF = "#/components/schemas/{model}"
_SAID: dict[str, Any] = {
    "id": "turkey-lets-aid-pass",
    "announced": "2025-03-20",
    "summary": "Turkey lets humanitarian aid pass the Margara bridge for ten days.",
    "by": [{"party": "TR", "name": "Hakan Fidan", "office": "Foreign Minister"}],
    "source": [{"publisher": "Anadolu", "title": "Aid to pass", "published": "2025-03-20", "language": "en"}],
    "effect": [{"type": "ease", "measure": "tr-closure-1993", "limits": ["humanitarian aid only"], "at": ["margara"],
                "from": "2025-03-21", "last_day": "2025-03-31"}],
    "relation": [{"type": "implements", "announcement": "armenia-margara-checkpoint-ready"}],
}  # fmt: skip
_EFFECTS: list[dict[str, Any]] = [
    {"type": "impose", "measure": "tr-closure-1993"},
    {"type": "extend", "measure": "az-land-border-closure", "last_day": "2026-04-01"},
    {"type": "lift", "measure": "az-transit-bar"},
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
_MARK: dict[str, Any] = {"announced": "2025-04-02", "reason": "The source names another day."}
_CORRECTION = {"id": "margara-day", "corrects": "turkey-lets-aid-pass", "replace": {"summary": "In better words."}}
_RETRACTION = {"id": "margara-never", "retracts": "turkey-lets-aid-pass"}
_AT = datetime(2025, 3, 20, 9, 30, tzinfo=UTC)
_HASH = bytes(range(32))


def examples() -> list[BaseModel]:
    """What is sent and what is answered, one of each."""
    said = Announcement.model_validate(_SAID)
    change = PreviewChange(
        subject="margara", kind=SubjectKind.CROSSING, name="Margara", mode=Mode.ROAD, traffic=Traffic.GOODS,
        direction="AM>TR", begins="2025-03-21", until="2025-04-01", before="closed", after="restricted",
        reason="Turkey's closure, eased (humanitarian aid only)",
        words="margara road goods AM>TR: closed → restricted, 21–31 Mar 2025",
    )  # fmt: skip
    pledge = PreviewPledge(pledge="aid", before="none", after="open", words="pledge aid: none → open")
    return [
        said,
        Announcement.model_validate({**_SAID, "effect": _EFFECTS}),
        Correction.model_validate({**_MARK, **_CORRECTION}),
        Retraction.model_validate({**_MARK, **_RETRACTION}),
        Done(outcome="submitted", statement=said.id, draft="d-5a0f3f1d8e2b7c46", position=426, recorded_at=_AT),
        DraftAnswer(
            draft="d-5a0f3f1d8e2b7c46", status=DraftStatus.WAITING, kind="announcement", id=said.id,
            submitted_by="Ada Lovelace", submitted_at=_AT, decided_by=None, decided_at=None, reason=None, position=426,
            digest=_HASH.hex(), statement=_SAID,
        ),
        PreviewAnswer(statements=(said.id,), changes=(change,), pledges=(pledge,)),
        InclusionProof(index=0, leaf="{}", size=2, root=_HASH, path=(_HASH,), checkpoint="tracker\n2\n…\n"),
        ConsistencyProof(size1=1, root1=_HASH, size2=2, root2=_HASH, path=(_HASH,)),
        Verification(
            size=2, root=_HASH, last_position=2, checkpoints=0, signed_by=None, intact=False,
            findings=(Finding(position=1, message="the event was altered: its leaf says something else"),),
        ),
    ]  # fmt: skip


def schemas() -> dict[str, Any]:
    """Of everything that is sent, by name."""
    sent: list[tuple[type[Model], Any]] = [(each, "validation") for each in (Announcement, Correction, Retraction)]
    found: dict[str, Any] = models_json_schema(sent, ref_template=REF)[1]["$defs"]
    found = json.loads(json.dumps(found).replace(REF.format(model="Verification"), REF.format(model="HowVerified")))
    found["HowVerified"] = found.pop("Verification")  # the other one is an answer
    text = repr(found)
    found = {name: each for name, each in found.items() if name in _NAMES or REF.format(model=name) in text}
    found["CorrectionBody"] = _without_target(found["Correction"], "corrects", {**_MARK, **_CORRECTION})
    found["RetractionBody"] = _without_target(found["Retraction"], "retracts", {**_MARK, **_RETRACTION})
    found["Rejection"] = _object(
        "A draft is turned down.", {"reason": "Why."}, {"reason": "The source says otherwise."}
    )
    found["Nothing"] = {"type": "object", "description": "Nothing.", "maxProperties": 0}
    return found


_NAMES = ("Announcement", "Correction", "Retraction")


def _without_target(schema: dict[str, Any], key: str, example: dict[str, Any]) -> dict[str, Any]:
    """A statement whose path says what it is about."""
    needed = [each for each in schema["required"] if each != key]
    properties = {name: part for name, part in schema["properties"].items() if name != key}
    shown = {name: part for name, part in example.items() if name != key}
    return {**schema, "required": needed, "properties": properties, "examples": [shown]}


def _object(about: str, fields: dict[str, str], example: dict[str, Any]) -> dict[str, Any]:
    properties = {
        name: {"type": "string", "minLength": 1, "maxLength": 20_000, "pattern": r"\S", "description": text}
        for name, text in fields.items()
    }
    return {"type": "object", "description": about, "required": list(fields), "properties": properties,
            "additionalProperties": False, "examples": [example]}  # fmt: skip
