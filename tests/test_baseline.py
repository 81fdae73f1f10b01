"""What version 0.1.0 wrote is read as it was: a store, a backup, exports. See data/baseline/README.md."""

import csv
import io
import json
import shutil
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from pyarrow.parquet import read_table

from tracker.cli.main import answer

BASELINE = Path(__file__).parent / "data" / "baseline"
EXPORTS = BASELINE / "exports"
CHANGED = BASELINE.parent / "baseline-answers"  # what is answered otherwise since, see its README.md
EXPECTED: dict[str, Any] = {
    question: answer
    for folder in (BASELINE, CHANGED)
    for question, answer in json.loads((folder / "expected.json").read_text(encoding="utf-8")).items()
}
AS_OF = ("--as-of", "2031-10-01")
Run = Callable[..., str]
ADDED = ("title", "kinds")  # columns of announcements; `about` names more, too: parties, and places that are implied
ADDED_COLUMNS = (
    "on_expiry", "extraterritorial", "under", "unit", "nomenclature", "ids", "except", "amount", "hours", "group",
    "within", "moved",
)  # fmt: skip
ADDED_TO_SUBJECTS = ("authorities", "members", "exists", "inside")
ADDED_TO_LANES = {  # and to routes, measures and differences
    "severity", "otherwise", "through", "crossings", "modes", "legs", "mode_changes", "but_for", "but_for_before",
    "but_for_after", "formalities", "exposure", "exemptions", "titles", "named", "moved",
    *ADDED_TO_SUBJECTS,
}  # fmt: skip
ADDED_TO_VERIFICATIONS = {"writer", "log", "checks", "skipped", "columns_position", "views_position"}


@pytest.fixture(autouse=True)
def _no_other_store(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TRACKER_STORE", "TRACKER_REPLICA"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the store, for those who only ask: a question brings its tables up, if it has to."""
    return copied(tmp_path_factory.mktemp("baseline"))


def copied(folder: Path) -> Path:
    return Path(shutil.copy(BASELINE / "store.sqlite", folder))


def run(store: Path, *args: str) -> str:
    """What a command on a store prints."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = answer(["--store", str(store), *args])
    assert code == 0, err.getvalue()
    return out.getvalue()


def asked(store: Path, question: str) -> Any:
    return json.loads(run(store, *question.split(), "--json"))


def as_it_was(new: Any, old: Any) -> Any:
    """An answer without what was added since: titles, kinds and notes of sources, corrections, and more."""
    if isinstance(new, list) and isinstance(old, list) and len(new) == len(old):
        return [as_it_was(*pair) for pair in zip(new, old, strict=True)]
    if not isinstance(new, dict) or not isinstance(old, dict):
        return new
    added = (ADDED_TO_LANES | ADDED_TO_VERIFICATIONS).difference(old)
    kept = {key: as_it_was(value, old.get(key)) for key, value in new.items() if key not in added}
    if "denied_by" in old:  # an announcement
        assert kept.pop("title")
        kept.pop("corrections", None)
        kept["about"] = [key for key in new["about"] if key in old["about"]]
    if "publisher" in old:  # a source
        kept.pop("kind", None)
        kept.pop("note", None)
    if isinstance(old.get("parties"), dict):  # names
        kept["parties"] = {key: name for key, name in new["parties"].items() if key in old["parties"]}
    return {key: value for key, value in kept.items() if key in old or key not in ("covers_until", "party_names")}


@pytest.mark.parametrize("question", EXPECTED)
def test_the_store_answers_as_it_did(question: str, store: Path) -> None:
    assert as_it_was(asked(store, question), EXPECTED[question]) == EXPECTED[question]


def test_the_tables_made_anew_answer_as_the_old_ones_did(tmp_path: Path) -> None:
    own = copied(tmp_path)
    run(own, "rebuild")
    for question in EXPECTED:
        assert as_it_was(asked(own, question), EXPECTED[question]) == EXPECTED[question], question


def test_the_log_goes_on(tmp_path: Path) -> None:
    """The draft that waits in the store is approved; what was stored before stays as it was."""
    own = copied(tmp_path)
    [draft] = EXPECTED["draft list"]
    run(own, "draft", "approve", draft["draft"], "--by", "Grace Hopper")
    log = asked(own, "log")
    assert as_it_was(log[: len(EXPECTED["log"])], EXPECTED["log"]) == EXPECTED["log"]
    assert [each["type"] for each in log[len(EXPECTED["log"]) :]] == ["DraftApproved", "AnnouncementRecorded"]
    assert asked(own, "audit verify")["intact"]
    before = EXPECTED["why br-wool-ban --as-of 2031-07-01"]
    after = asked(own, "why br-wool-ban --as-of 2031-07-01")
    assert (before["state"], after["state"]) == ("lapsed", "in-force")


def test_the_backup_restores_the_same_log(tmp_path: Path) -> None:
    own = tmp_path / "restored.sqlite"
    run(own, "restore", str(BASELINE / "backup.jsonl.gz"))
    for question in EXPECTED:
        assert as_it_was(asked(own, question), EXPECTED[question]) == EXPECTED[question], question


def test_a_backup_of_the_store_holds_the_log_of_the_old_backup(store: Path, tmp_path: Path) -> None:
    again, own = tmp_path / "again.jsonl.gz", tmp_path / "restored.sqlite"
    run(store, "backup", str(again))
    run(own, "restore", str(again))
    assert as_it_was(asked(own, "audit verify"), EXPECTED["audit verify"]) == EXPECTED["audit verify"]


@pytest.mark.parametrize("table", ["state", "history", "announcements"])
@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_an_export_has_the_rows_that_it_had(table: str, form: str, store: Path, tmp_path: Path) -> None:
    out = tmp_path / f"{table}.{form}"
    run(store, "export", table, "--format", form, *AS_OF, "--out", str(out))
    assert rows_as_they_were(out, newest(out.name)) == rows(newest(out.name))


def test_exported_assertions_are_those_that_were(store: Path, tmp_path: Path) -> None:
    run(store, "export", "assertions", "--format", "parquet", "--parts", "2", str(tmp_path / "parts"))
    old = sorted(newest("assertions").iterdir())
    assert sorted(path.name for path in (tmp_path / "parts").iterdir()) == [path.name for path in old]
    for path in old:
        expected = rows(path)
        new = rows(tmp_path / "parts" / path.name)  # columns may have been added
        assert [{key: row[key] for key in expected[0]} for row in new] == expected, path.name


def test_a_data_package_has_the_tables_that_it_had(store: Path, tmp_path: Path) -> None:
    run(store, "export", "--datapackage", str(tmp_path / "package"), *AS_OF)
    old, new = EXPORTS / "datapackage", tmp_path / "package"
    assert sorted(path.name for path in new.iterdir()) == sorted(path.name for path in old.iterdir())
    assert [with_known_columns(table) for table in resources(new)] == resources(old)
    for path in [*old.glob("*.csv"), *old.glob("*.parquet")]:
        expected = newest(f"datapackage/{path.name}")
        assert rows_as_they_were(new / path.name, expected) == rows(expected), path.name


@pytest.mark.parametrize("form", ["csv", "parquet"])
@pytest.mark.parametrize("table", ["state", "history", "announcements"])
def test_exports_agree_with_the_package(table: str, form: str) -> None:
    """The files here are of one store and one day."""
    assert rows(EXPORTS / f"{table}.{form}") == rows(EXPORTS / "datapackage" / f"{table}.{form}")


def newest(name: str) -> Path:
    """An export as it is expected now."""
    changed = CHANGED / "exports" / name
    return changed if changed.exists() else EXPORTS / name


def rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a table, in order."""
    match path.suffix:
        case ".csv":
            with path.open(encoding="utf-8", newline="") as file:
                found: list[dict[str, Any]] = list(csv.DictReader(file))
        case ".json":
            found = json.loads(path.read_text(encoding="utf-8"))
        case _:
            found = read_table(path).to_pylist()
    assert found, path
    return found


def rows_as_they_were(new: Path, old: Path) -> list[dict[str, Any]]:
    """The rows of a table without columns and ids in `about` that were added since."""
    if "announcements" not in new.name:
        added = {*ADDED_TO_LANES, *ADDED_COLUMNS}.difference(rows(old)[0])
        return [
            {key: in_scope_then(value) if key == "scope" else value for key, value in row.items() if key not in added}
            for row in rows(new)
        ]
    kept = []
    for row, before in zip(rows(new), rows(old), strict=True):
        about = [key for key in row["about"].split(" | ") if key in before["about"].split(" | ")]
        kept.append({key: value for key, value in row.items() if key not in ADDED} | {"about": " | ".join(about)})
    return kept


def in_scope_then(scope: str | None) -> str | None:
    """The scope of a measure, in JSON, without keys that were added since."""
    return json.dumps({key: part for key, part in json.loads(scope).items() if key != "named"}) if scope else scope


def with_known_columns(table: tuple[str, str, Any]) -> tuple[str, str, Any]:
    """A table of a package without columns that were added since."""
    name, path, schema = table
    more = (*ADDED_TO_LANES, *ADDED_COLUMNS)
    subjects = (*ADDED_COLUMNS, *ADDED_TO_SUBJECTS)
    of_tables = {"announcements": ADDED, "subjects": subjects, "promises": ("moved",), "state": more}
    added = {**of_tables, "history": more}.get(name, ())
    if not added:
        return table
    fields = [field for field in schema["fields"] if field["name"] not in added]
    return name, path, {**schema, "fields": fields}


def resources(package: Path) -> list[tuple[str, str, Any]]:
    """The tables of a package: name, file and columns; without sizes, which a version of Parquet may change, and
    without the words in which columns are described."""
    described = json.loads((package / "datapackage.json").read_text(encoding="utf-8"))
    return [(table["name"], table["path"], undescribed(table.get("schema"))) for table in described["resources"]]


def undescribed(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {key: undescribed(value) for key, value in schema.items() if key != "description"}
    return [undescribed(item) for item in schema] if isinstance(schema, list) else schema
