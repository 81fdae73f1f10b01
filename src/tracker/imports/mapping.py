"""A mapping file: how rows of somebody else's table become registry entries and statements. See docs/imports.md."""

import re
from collections.abc import Mapping as Mapped
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from tracker.dataset.files import TomlFile, read_toml
from tracker.dataset.suggestions import meant, printable, show
from tracker.dataset.toml_positions import KeyPath
from tracker.dataset.validation import Finding, shaped
from tracker.imports.expressions import Compiler, Test
from tracker.imports.row import ANNOUNCED, DAY, NUMBER, Cells
from tracker.imports.templates import Form, Reader, StatementForm, special_findings
from tracker.model.errors import Location, Problem
from tracker.model.fields import Model
from tracker.model.registry import Dataset

_NAME = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")
_ENCODING = (
    r"^(utf-8|utf-16(-le|-be)?|latin-1|iso-8859-[0-9]{1,2}|cp125[0-8]|koi8-[ru]|gb18030|shift_jis|euc-(jp|kr)|big5)$"
)
_KEYS = ("name", "dataset", "file", "table", "skip", "registry", "announcement", "correction", "retraction")
_OURS = (ANNOUNCED, DAY, NUMBER)
_NO_DATASET = Dataset(name="?", timezone="UTC")


class FileForm(Model):
    """How the file is written."""

    encoding: str = Field(default="utf-8", pattern=_ENCODING)
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    quote: str = Field(default='"', min_length=1, max_length=1)
    blanks: tuple[str, ...] = ("",)  # cells that count as blank
    missing: Literal["keep", "retract"] = "keep"  # what becomes of announcements that a newer version has no more


@dataclass(frozen=True)
class Skip:
    """Rows that say nothing, counted under their reason."""

    when: Test
    reason: str


@dataclass(frozen=True)
class Mapping:
    """A mapping, ready to be applied."""

    path: str
    name: str
    dataset: Dataset
    file: FileForm
    skips: tuple[Skip, ...]
    entries: tuple[Form, ...]
    statements: tuple[StatementForm, ...]
    columns: Mapped[str, Location] = field(default_factory=dict)  # each column that it needs, and where it says so

    @property
    def prefix(self) -> str:
        """How the id of every announcement begins."""
        return f"{self.name}-"

    def skipped(self, cells: Cells) -> str | None:
        """The reason for which a row says nothing."""
        return next((skip.reason for skip in self.skips if skip.when(cells)), None)


def read_mapping(path: Path) -> tuple[Mapping | None, tuple[Problem, ...]]:
    """Read a mapping file; None if anything is wrong with it."""
    file = read_toml(path)
    if isinstance(file, tuple):
        return None, file
    mapping, findings = _mapping(file)
    problems = tuple(Problem(file.entry.at(*one.path), one.message) for one in findings)
    return (None if problems else mapping), problems


def _mapping(file: TomlFile) -> tuple[Mapping, list[Finding]]:
    table, findings = file.table, []
    findings += [
        Finding((key,), f"`{printable(key)}` is not a key of a mapping: {meant(key, _KEYS)}")
        for key in table
        if key not in _KEYS
    ]
    name = table.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name) or len(name) > 30:
        findings.append(
            Finding(("name",), f'`name` is {show(name)}: write one, e.g. name = "gta"; all ids begin with it')
        )
    compiler = Compiler(_tables(table.get("table", {}), findings))
    reader = Reader(compiler, f"{name}-")
    skips = tuple(_skip(each, ("skip", number), compiler) for number, each in enumerate(_list(table, "skip", findings)))
    statements = [
        form
        for kind in ("announcement", "correction", "retraction")
        for form in reader.statements(kind, table.get(kind, []))
    ]
    entries = reader.entries(table.get("registry", []))
    if not entries and not statements:
        findings.append(Finding((), "makes nothing of a row: add [[registry]] or [[announcement]]"))
    dataset = _part(Dataset, table, "dataset", findings) or _NO_DATASET
    form = _part(FileForm, table, "file", findings) or FileForm()
    columns = {name: file.entry.at(*path) for name, path in compiler.columns.items() if name not in _OURS}
    made = Mapping(file.entry.path, str(name), dataset, form, skips, entries, tuple(statements), columns)
    return made, [*findings, *compiler.findings, *special_findings(compiler, table)]


def _part(model: type[Any], table: Mapped[str, Any], key: str, findings: list[Finding]) -> Any:
    said = table.get(key)
    if said is None:
        return None
    if not isinstance(said, dict):
        findings.append(Finding((key,), f"`{key}` is {show(said)}: write it as a table, [{key}]"))
        return None
    found, wrong = shaped(model, said, f"[{key}]")
    findings += [Finding((key, *one.path), one.message) for one in wrong]
    return found


def _tables(said: Any, findings: list[Finding]) -> Mapped[str, Mapped[str, Any]]:
    """The value tables: what is written in a cell, and what it means."""
    if isinstance(said, dict) and all(isinstance(each, dict) for each in said.values()):
        return said
    findings.append(
        Finding(("table",), "`table` holds tables of values: write [table.<name>] with a line for each value")
    )
    return {}


def _list(table: Mapped[str, Any], key: str, findings: list[Finding]) -> list[Any]:
    said = table.get(key, [])
    if isinstance(said, list):
        return said
    findings.append(Finding((key,), f"`{key}` is a list of tables: write [[{key}]]"))
    return []


def _skip(said: Any, path: KeyPath, compiler: Compiler) -> Skip:
    if not isinstance(said, dict) or said.keys() != {"when", "reason"} or not isinstance(said["reason"], str):
        compiler.findings.append(Finding(path, '[[skip]] has two keys: when = { column = "blank" } and reason = "…"'))
        return Skip(lambda _: False, "")
    return Skip(compiler.test(said["when"], (*path, "when")), said["reason"])
