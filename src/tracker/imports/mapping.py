"""A mapping file: how rows of a foreign table become registry entries and statements. See docs/imports.md."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from tracker.dataset.files import TomlFile, read_toml
from tracker.dataset.suggestions import meant, printable, show
from tracker.dataset.toml_positions import KeyPath
from tracker.dataset.validation import EntryFinding, shaped
from tracker.imports.expressions import Compiler, RowCondition
from tracker.imports.rows import ANNOUNCED, DAY, NUMBER, Cells
from tracker.imports.templates import StatementTemplate, Template, TemplateReader, special_findings
from tracker.model.dataset import Dataset
from tracker.model.errors import Location, Problem
from tracker.model.fields import Model

_NAME = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")
_ENCODING = (
    r"^(utf-8|utf-16(-le|-be)?|latin-1|iso-8859-[0-9]{1,2}|cp125[0-8]|koi8-[ru]|gb18030|shift_jis|euc-(jp|kr)|big5)$"
)
_KEYS = ("name", "dataset", "file", "table", "skip", "registry", "announcement", "correction", "retraction")
_PSEUDO_COLUMNS = (ANNOUNCED, DAY, NUMBER)
_NO_DATASET = Dataset(name="?", timezone="UTC")


class FileFormat(Model):
    """The format of the table's file."""

    encoding: str = Field(default="utf-8", pattern=_ENCODING)
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    quote: str = Field(default='"', min_length=1, max_length=1)
    blanks: tuple[str, ...] = ("",)  # cells that count as blank
    missing: Literal["keep", "retract"] = "keep"  # announcements that a newer version no longer has


@dataclass(frozen=True)
class SkipRule:
    """Rows without a statement, counted under the reason."""

    when: RowCondition
    reason: str


@dataclass(frozen=True)
class TableMapping:
    """A mapping, ready to be applied."""

    path: str
    name: str
    dataset: Dataset
    file: FileFormat
    skips: tuple[SkipRule, ...]
    entries: tuple[Template, ...]
    statements: tuple[StatementTemplate, ...]
    columns: Mapping[str, Location] = field(
        default_factory=dict
    )  # each column that it needs, and the first place that names it

    @property
    def prefix(self) -> str:
        """The beginning of the id of every announcement."""
        return f"{self.name}-"

    def skipped(self, cells: Cells) -> str | None:
        """The reason for which a row is skipped; None if it is not."""
        return next((skip.reason for skip in self.skips if skip.when(cells)), None)


def read_mapping(path: Path) -> tuple[TableMapping | None, tuple[Problem, ...]]:
    """Read a mapping file; None if it has any problem."""
    file = read_toml(path)
    if isinstance(file, tuple):
        return None, file
    mapping, findings = _mapping(file)
    problems = tuple(finding.at(file.entry) for finding in findings)
    return (None if problems else mapping), problems


def _mapping(file: TomlFile) -> tuple[TableMapping, list[EntryFinding]]:
    table, findings = file.table, []
    findings += [
        EntryFinding((key,), f"`{printable(key)}` is not a key of a mapping: {meant(key, _KEYS)}")
        for key in table
        if key not in _KEYS
    ]
    name = table.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name) or len(name) > 30:
        findings.append(
            EntryFinding(("name",), f'`name` is {show(name)}: write one, e.g. name = "gta"; all ids begin with it')
        )
    compiler = Compiler(_tables(table.get("table", {}), findings))
    reader = TemplateReader(compiler, f"{name}-")
    skip_tables = _list(table, "skip", findings)
    skips = tuple(_skip(skip, ("skip", number), compiler) for number, skip in enumerate(skip_tables))
    statements = [
        template
        for kind in ("announcement", "correction", "retraction")
        for template in reader.statements(kind, table.get(kind, []))
    ]
    entries = reader.entries(table.get("registry", []))
    if not entries and not statements:
        findings.append(EntryFinding((), "makes nothing of a row: add [[registry]] or [[announcement]]"))
    dataset = _part(Dataset, table, "dataset", findings) or _NO_DATASET
    file_format = _part(FileFormat, table, "file", findings) or FileFormat()
    columns = {name: file.entry.at(*path) for name, path in compiler.columns.items() if name not in _PSEUDO_COLUMNS}
    mapping = TableMapping(file.entry.path, str(name), dataset, file_format, skips, entries, tuple(statements), columns)
    return mapping, [*findings, *compiler.findings, *special_findings(compiler, table)]


def _part(model: type[Any], table: Mapping[str, Any], key: str, findings: list[EntryFinding]) -> Any:
    part = table.get(key)
    if part is None:
        return None
    if not isinstance(part, dict):
        findings.append(EntryFinding((key,), f"`{key}` is {show(part)}: write it as a table, [{key}]"))
        return None
    value, part_findings = shaped(model, part, f"[{key}]")
    findings += [EntryFinding((key, *finding.path), finding.message) for finding in part_findings]
    return value


def _tables(tables: Any, findings: list[EntryFinding]) -> Mapping[str, Mapping[str, Any]]:
    """The value tables: the meaning of each content of a cell."""
    if isinstance(tables, dict) and all(isinstance(table, dict) for table in tables.values()):
        return tables
    findings.append(
        EntryFinding(("table",), "`table` holds tables of values: write [table.<name>] with a line for each value")
    )
    return {}


def _list(table: Mapping[str, Any], key: str, findings: list[EntryFinding]) -> list[Any]:
    tables = table.get(key, [])
    if isinstance(tables, list):
        return tables
    findings.append(EntryFinding((key,), f"`{key}` is a list of tables: write [[{key}]]"))
    return []


def _skip(table: Any, path: KeyPath, compiler: Compiler) -> SkipRule:
    if not isinstance(table, dict) or table.keys() != {"when", "reason"} or not isinstance(table["reason"], str):
        message = '[[skip]] has two keys: when = { column = "blank" } and reason = "…"'
        compiler.findings.append(EntryFinding(path, message))
        return SkipRule(lambda _: False, "")
    return SkipRule(compiler.test(table["when"], (*path, "when")), table["reason"])
