"""A country of three banks, on which lists of announcements are tried."""

from pathlib import Path

from tests.dataset.records import record_of
from tracker.dataset.reader import read_dataset
from tracker.queries.clocks import Clocks, read_instant
from tracker.state.record import Record

REGISTRY = """
[dataset]
name = "Three banks"
timezone = "+04:00"

[party]
NO = { name = "Northland", kind = "state" }
MI = { name = "Midland", kind = "state" }
SO = { name = "Southland", kind = "state" }
shippers = { name = "The shippers", kind = "organisation" }
press = { name = "The press", kind = "media" }

[territory]
NO = { name = "Northland (mainland)", authority = "NO" }
NO-IS = { name = "The isle", authority = "NO" }
MI = { name = "Midland", authority = "MI" }
SO = { name = "Southland", authority = "SO", aliases = ["Söderland"] }

[border]
MI-NO = { between = ["NO", "MI"], modes = ["road"], crossings = "some" }
MI-SO = { between = ["MI", "SO"], modes = ["road"], crossings = "some" }

[crossing.bridge]
border = "MI-NO"
modes = ["road"]
names = { en = "The bridge", tr = "Iğdır Köprüsü", fa = "بیله‌سوار", hy = "Կամուրջ" }
aliases = ["Long Bridge"]

[crossing.high-road]
border = "MI-SO"
modes = ["road"]
names = { en = "Low road" }

[corridor]
way = { name = "The great way", path = ["NO", "bridge", "MI", "SO"], modes = ["road"] }
low-road = { name = "Along the coast", path = ["NO", "MI"], modes = ["road"] }

[measure]
ban = { title = "Midland's ban on Northland's lorries", authority = "MI", kind = "restriction", level = "prohibited", \
scope = { at = ["MI-SO"], origin = ["NO"] } }
bridge-ban = { title = "Closure of the bridge", authority = "MI", kind = "restriction", level = "prohibited", \
scope = { at = ["bridge"] } }
isle-ban = { title = "The isle's ban", authority = "NO", kind = "restriction", level = "prohibited", \
scope = { at = ["NO-IS"] } }

[instrument]
treaty = { title = "A treaty", parties = ["NO", "SO"] }
"""
HEAD = """announced = 2031-0{month}-01
summary = "Words."
{more}
[[by]]
party = "press"
[[source]]
publisher = "Test"
"""
PLEDGE = 'type = "pledge"\npledge = "opening"\nkind = "offer"\nparties = ["SO"]\nat = ["bridge"]\ntext = "Words."'


def said(more: str = "", rest: str = "", month: int = 1) -> str:
    """An announcement file: its further keys, and its tables."""
    return HEAD.format(month=month, more=more) + rest


def effect(text: str) -> str:
    return f"[[effect]]\n{text}\n"


def related(kind: str, announcement: str) -> str:
    return f'[[relation]]\ntype = "{kind}"\nannouncement = "{announcement}"\n'


def banks(folder: Path, **files: str) -> Record:
    """The record of some announcement files; `_` in their names stands for a hyphen."""
    (folder / "registry").mkdir()
    (folder / "registry" / "all.toml").write_text(REGISTRY, encoding="utf-8")
    (folder / "2031").mkdir()
    for name, text in files.items():
        (folder / "2031" / f"{name.replace('_', '-')}.toml").write_text(text, encoding="utf-8")
    _, problems = read_dataset(folder)
    assert [str(problem) for problem in problems if problem.severity == "error"] == []
    return record_of(folder)[0]


def clocks(record: Record, day: str = "2031-12-31") -> Clocks:
    """The close of a day, with everything known."""
    return Clocks(read_instant("as-of", day, record.tz), as_of_text=day)
