"""Ids that are one name to people or to a file system, and folders without end."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.dataset.conftest import HEAD, REGISTRY
from tracker.dataset.existing import StatementList
from tracker.dataset.files import MAX_FOLDERS
from tracker.dataset.reader import DatasetFiles, read_dataset, read_statement, read_statements
from tracker.model.errors import Problem

Write = Callable[[str, str | bytes], Path]
Read = Callable[[], tuple[DatasetFiles | None, tuple[Problem, ...]]]


def messages(problems: tuple[Problem, ...]) -> str:
    return "\n".join(map(str, problems))


def test_statements_whose_ids_differ_in_case_only_are_refused(write: Write) -> None:
    write("registry/all.toml", REGISTRY)
    write("2025/Ban.toml", HEAD)
    write("2025/ban.toml", HEAD)
    files, problems = read_dataset(Path("events"))
    assert "differs from" in messages(problems)
    assert files is not None
    on_record, _ = read_statement(write("2025/Ban.toml", HEAD))
    assert on_record is not None
    new = write("2025/BAN.toml", HEAD)
    assert "BAN differs from Ban in case only" in messages(
        read_statements([new], files.registry, StatementList([on_record]))[2]
    )


def test_entries_whose_ids_differ_in_case_only_are_refused(write: Write) -> None:
    write("registry/all.toml", REGISTRY + '\n[party.am]\nname = "Another"\nkind = "state"\n')
    found = messages(read_dataset(Path("events"))[1])
    assert "am differs from AM in case only" in found or "AM differs from am in case only" in found


@pytest.mark.parametrize("name", ["con", "NUL", "Com1", "lpt9"])
def test_names_that_windows_cannot_have_are_refused(write: Write, name: str) -> None:
    write("registry/all.toml", REGISTRY)
    write(f"2025/{name}.toml", HEAD)
    write("2025/console.toml", HEAD)
    problems = messages(read_dataset(Path("events"))[1])
    assert f"no file on Windows can be called {name}" in problems
    assert "called console" not in problems


def test_folders_without_end_are_one_problem(write: Write, here: Path) -> None:
    """No folder is searched below those; a search of 2,500 would end in a traceback."""
    write("registry/all.toml", REGISTRY)
    (here / "events" / "/".join("x" * 60)).mkdir(parents=True)
    found = messages(read_dataset(Path("events"))[1])
    assert found.count(f"has folders {MAX_FOLDERS} levels down") == 1
