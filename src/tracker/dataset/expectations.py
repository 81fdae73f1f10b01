"""`expectations.toml`: rows that the record must agree with."""

from pathlib import Path
from typing import NamedTuple

from tracker.dataset.files import read_toml
from tracker.dataset.folder import EXPECTATIONS
from tracker.dataset.validation import shaped
from tracker.model.errors import Location, Problem
from tracker.model.expectation import Expectation


class Expected(NamedTuple):
    """A row, and where it stands."""

    expectation: Expectation
    location: Location


def read_expectations(folder: Path) -> tuple[tuple[Expected, ...], tuple[Problem, ...]]:
    """The expectations of a dataset, which may have none."""
    path = folder / EXPECTATIONS
    if not path.exists():
        return (), ()
    file = read_toml(path, within=folder)
    if isinstance(file, tuple):
        return (), file
    rows = file.table.get("expect", [])
    unknown = [key for key in file.table if key != "expect"]
    problems = [Problem(file.entry.at(key), f"`{key}` is not read here: write [[expect]] tables") for key in unknown]
    if not isinstance(rows, list):
        return (), (*problems, Problem(file.entry.at("expect"), "`expect` is a list of tables: write [[expect]]"))
    found = []
    for number, row in enumerate(rows):
        entry = file.entry.inside("expect", number)
        expectation, findings = shaped(Expectation, row, "this [[expect]]")
        problems += [Problem(entry.at(*each.path), each.message, each.severity) for each in findings]
        if expectation is not None:
            found.append(Expected(expectation, entry.at()))
    return tuple(found), tuple(problems)
