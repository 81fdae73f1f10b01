"""From the tables of a registry file to subjects."""

from collections.abc import Iterator
from typing import Any

from tracker.dataset.files import Entry, Table, TomlFile
from tracker.dataset.references import Key
from tracker.dataset.suggestions import nearest, one_of, printable, show
from tracker.dataset.validation import Finding, shaped
from tracker.model.registry import SUBJECTS, Subject
from tracker.model.vocabulary import SubjectKind

Reading = tuple[Key | None, Subject | None, Entry, list[Finding]]  # no key: a table that is none of ours


def subjects_of(file: TomlFile) -> Iterator[Reading]:
    """Every entry of a registry file, or what is wrong with it."""
    for kind, tables in file.table.items():
        entry = file.entry.inside(kind)
        if kind not in SUBJECTS:
            yield None, None, entry, [Finding((), _unknown_table(kind))]
        elif kind == SubjectKind.DATASET:
            yield _subject(kind, "dataset", tables, entry, "[dataset]")
        elif not isinstance(tables, dict):
            wrong = f"`{kind}` is {show(tables)}: write each {kind} as a table of its own, [{kind}.<id>]"
            yield None, None, entry, [Finding((), wrong)]
        else:
            for name, table in tables.items():
                yield _subject(kind, name, table, entry.inside(name), f"[{kind}.{printable(name[:80])}]")


def _subject(kind: str, name: str, table: Any, entry: Entry, called: str) -> Reading:
    if not isinstance(table, dict):
        wrong = f"`{printable(name[:80])}` is {show(table)}, not a table: write {called} with its keys below"
        return (kind, name), None, entry, [Finding((), wrong)]
    own, findings = _without_id(table, called)
    subject, wrong_shape = shaped(SUBJECTS[kind], {**own, "id": name}, called)
    findings += [_at_header(finding) for finding in wrong_shape]
    return (kind, name), subject, entry, findings


def _without_id(table: Table, called: str) -> tuple[Table, list[Finding]]:
    """What is said by the header is not said again by a key."""
    told = {"id": "id", "type": "kind"}
    findings = [
        Finding((key,), f"`{key}` is not a key of {called}: its {told[key]} is in the header, take the key out")
        for key in told
        if key in table
    ]
    return {key: value for key, value in table.items() if key not in told}, findings


def _at_header(finding: Finding) -> Finding:
    """The id stands in the header."""
    return Finding((), finding.message.replace("`id`", "the id", 1)) if finding.path == ("id",) else finding


def _unknown_table(kind: str) -> str:
    guess = nearest(kind, SUBJECTS)
    mending = f"did you mean [{guess}.…]?" if guess else f"its tables are {one_of(SUBJECTS)}"
    return f"`{printable(kind[:80])}` is not a table of the registry: {mending}"
