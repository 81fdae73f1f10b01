"""`table` is a small table and its mapping, in a folder with a store; it is imported by the command."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Ran, run

HEADER = "id,policy,country,level,from,to\n"
MAPPING = """
name = "t"

[dataset]
name = "Restrictions (invented)"
timezone = "+00:00"

[table.level]
ban = "prohibited"
check = "restricted"

[table.amount]
ban = "4"
check = "1"

[[registry]]
kind = "party"
id = "{country}"
name = "Country {country}"
party_kind = "state"

[[registry]]
kind = "territory"
id = "{country}"
name = "Country {country}"
authority = "{country}"

[[registry]]
kind = "measure"
id = "t-{policy|slug}"
title = "Restriction {policy}"
authority = "{country}"
measure_kind = "restriction"
level = "restricted"
scope = { at = ["{country}"], regime = "import" }

[[announcement]]
id = "t-{id}"
announced = "{@announced}"
summary = "{level} by {country}"
by = [{ party = "{country}" }]
source = [{ publisher = "The list", published = "{@day}" }]

[[announcement.effect]]
type = "impose"
measure = "t-{policy|slug}"
level = { column = "level", table = "level" }
amount = { column = "level", table = "amount" }
from = "{from}"
last_day = { column = "to", blank = "omit" }
"""


@dataclass
class Table:
    """A table that is imported again and again."""

    folder: Path
    mapping: str = MAPPING
    store: str = field(init=False)

    def __post_init__(self) -> None:
        self.store = str(self.folder / "store.sqlite")

    @property
    def file(self) -> Path:
        return self.folder / "table.csv"

    def write(self, rows: str | bytes, header: str = HEADER) -> Path:
        self.file.write_bytes(rows if isinstance(rows, bytes) else (header + rows).encode())
        (self.folder / "mapping.toml").write_text(self.mapping, encoding="utf-8")
        return self.file

    def take(self, rows: str | bytes, announced: str = "2031-01-01", *more: str, header: str = HEADER) -> Ran:
        """Import these rows as the version of a day."""
        return self.again(self.write(rows, header), announced, *more)

    def again(self, file: Path, announced: str = "2031-01-01", *more: str) -> Ran:
        mapping = str(self.folder / "mapping.toml")
        return self.ask("import", "csv", str(file), "--mapping", mapping, "--announced", announced, *more)

    def tally(self, rows: str | bytes, announced: str = "2031-01-01", *more: str) -> Any:
        """The counts of an import."""
        return self.take(rows, announced, "--json", *more).json

    def ask(self, *args: str) -> Ran:
        return run("--store", self.store, *args)

    def state(self, measure: str, as_of: str, *more: str) -> str:
        return self.ask("state", measure, "--as-of", as_of, *more).status


@pytest.fixture
def table(tmp_path: Path) -> Table:
    return Table(tmp_path)
