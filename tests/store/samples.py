"""A small registry and announcements about it, as plain as they can be."""

from typing import Any

from tracker.model.announcement import Announcement, Correction, Retraction
from tracker.model.dataset import Dataset
from tracker.model.registry import Border, Corridor, Crossing, Instrument, Measure, Party, Registry, Territory


def registry(**changes: Any) -> Registry:
    """A registry with one subject of each kind; changes are to its dataset."""
    return Registry.of(
        [
            Dataset.model_validate({"name": "Bridges", "timezone": "+04:00"} | changes),
            Party.model_validate({"id": "AA", "name": "Aland", "kind": "state"}),
            Party.model_validate({"id": "BB", "name": "Beland", "kind": "state"}),
            Territory.model_validate({"id": "AA", "name": "Aland", "authority": "AA"}),
            Territory.model_validate({"id": "BB", "name": "Beland", "authority": "BB", "transit": "open"}),
            Border.model_validate({"id": "AA-BB", "between": ("AA", "BB"), "modes": ["road"]}),
            Crossing.model_validate(
                {
                    "id": "bridge",
                    "border": "AA-BB",
                    "modes": ["road"],
                    "names": {"en": "Bridge"},
                    "location": [44.5, 40],
                }
            ),
            Corridor.model_validate(
                {"id": "way", "name": "Way", "path": ["AA", "bridge", "BB"], "modes": ["road"], "two_way": False}
            ),
            Measure.model_validate(
                {
                    "id": "closure",
                    "title": "The closure",
                    "authority": "BB",
                    "kind": "restriction",
                    "level": "prohibited",
                    "scope": {"at": ["AA-BB"]},
                }
            ),
            Instrument.model_validate({"id": "treaty", "title": "The treaty", "parties": ["AA", "BB"]}),
        ]
    )


def announcement(name: str, summary: str = "Beland closed the bridge.", **more: Any) -> Announcement:
    plain = {
        "id": name,
        "announced": "2031-03-20",
        "summary": summary,
        "by": [{"party": "BB", "name": "B. Bee", "office": "Minister"}],
        "source": [{"publisher": "The Beland Post", "title": "Bridge shut", "published": "2031-03-21"}],
        "effect": [{"type": "impose", "measure": "closure", "from": "2031-03-20", "last_day": "2031-03-31~"}],
    }
    return Announcement.model_validate(plain | more)


def correction(name: str, corrects: str, **replace: Any) -> Correction:
    return Correction.model_validate(
        {
            "id": name,
            "corrects": corrects,
            "announced": "2031-04-01",
            "reason": "A slip of the pen.",
            "replace": replace or {"summary": "Beland closed the bridge to lorries."},
        }
    )


def retraction(name: str, retracts: str) -> Retraction:
    return Retraction.model_validate(
        {"id": name, "retracts": retracts, "announced": "2031-04-02", "reason": "It was never said."}
    )


SUBJECTS = len(list(registry().subjects()))
