"""A registry, and announcements with an effect of every type, some corrected and retracted."""

from collections.abc import Iterator
from datetime import UTC, datetime

from tests.store.samples import announcement, correction, registry, retraction
from tracker.model.announcement import Correction, Statement
from tracker.model.dates import parse_day
from tracker.model.events import AnyEvent, Recorded, amended, recorded, registered
from tracker.model.registry import Party

AT = datetime(2031, 5, 1, 12, 30, 0, 123456, tzinfo=UTC)

EFFECTS: list[dict[str, object]] = [
    {"type": "impose", "measure": "closure", "last_day": "2031-03-31~", "only": ["lorries"], "basis": "reported"},
    {"type": "extend", "measure": "closure", "until": "2031-06-01T06:00:00+04:00"},
    {"type": "exempt", "measure": "closure", "only": ["aid only"], "at": ["bridge", "AA-BB"], "direction": "AA>BB"},
    {"type": "lift", "measure": "closure", "from": "[2031-04-01..2031-04-03]", "note": "In a speech: “soon”."},
    {"type": "exempt", "measure": ["closure", "leave"], "exemption": "gl-8", "goods": ["10"], "conditions": ["slowly"]},
    {"type": "extend", "exemption": "gl-8", "last_day": "2032-01-01", "amount": "9"},
    {"type": "lift", "exemption": "gl-8", "from_event": "the harvest"},
    {"type": "reschedule", "of": "plain#1", "from": "2031-03-25", "on_expiry": "ends"},
    {"type": "cancel", "of": "everything#1"},
    {"type": "permit", "measure": "leave", "from": "2031-04", "when": "May-Oct"},
    {"type": "revoke", "measure": "leave", "from": "2032"},
    {"type": "readiness", "at": "bridge", "party": "AA", "modes": ["road", "road"], "state": "works"},
    {"type": "pledge", "pledge": "p", "kind": "offer", "parties": ["AA"], "text": "Soon.", "due": "2031-12-31"},
    {"type": "fulfil", "pledge": "p"},
    {"type": "withdraw", "pledge": "q", "on": "2031-04-02"},
    {"type": "passage", "at": "way", "mode": "road", "traffic": "goods", "quantity": 40.0, "direction": "AA>BB"},
    {"type": "passage", "at": "bridge", "mode": "road", "traffic": "people", "none": True},
    {"type": "stage", "instrument": "treaty", "stage": "signed", "party": "AA"},
    {"type": "control", "at": "bridge", "by": "BB"},
]


def statements() -> list[Statement]:
    everything = announcement(
        "everything",
        effect=EFFECTS,
        relation=[{"type": "denies", "announcement": "plain", "note": "Flatly."}],
        status="unverified",
        covers=["C001"],
    )
    late = announcement("late", announced="2031-03-20T09:15:00+04:00", effect=[])
    noted = correction("c-1", "everything", effect=EFFECTS[:3], note="Seen by us.")
    unnoted = Correction.model_validate(
        {
            "id": "c-2",
            "corrects": "everything",
            "announced": "2031-03-25",  # announced before c-1, and recorded after it
            "reason": "Another slip.",
            "by": [{"party": "AA"}],
            "source": [{"publisher": "The Aland Post", "url": "https://example.org/a?b=%20c"}],
            "replace": {"status": "verified", "relation": None},
            "remove": ["covers"],
        }
    )
    again = correction("c-3", "plain", summary="It was said after all.").model_copy(
        update={"announced": parse_day("2031-04-05")}
    )
    return [everything, announcement("plain"), late, noted, retraction("r-1", "plain"), unnoted, again]


def log() -> list[Recorded]:
    """With gaps in the positions, as PostgreSQL leaves them."""
    return [Recorded(3 * number, event) for number, event in enumerate(_events(), start=1)]


def _events() -> Iterator[AnyEvent]:
    for subject in registry().subjects():
        yield registered(subject, AT)
    yield amended(Party.model_validate({"id": "AA", "name": "Åland", "kind": "state"}), AT, "coder")
    for statement in statements():
        yield recorded(statement, AT, "coder")
    yield amended(Party.model_validate({"id": "AA", "name": "Aland", "kind": "group"}), AT)
