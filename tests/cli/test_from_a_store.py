"""What is not read until it is needed changes no answer, and is let go of in the end."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import EVENTS, run

pytestmark = pytest.mark.slow

QUESTIONS = (
    ("state",),
    ("state", "margara", "--json"),
    ("state", "Zangezur corridor"),
    ("state", "margarra"),
    ("state", "no'body"),
    ("state", "--kind", "measure", "--recorded-by", "60"),
    ("why", "tr-am-az", "--mode", "road"),
    ("history", "margara"),
    ("diff", "2024-01-01", "2025-10-28", "--known"),
    ("promises",),
    ("routes", "TR", "AZ"),
    ("announcements", "--about", "margara"),
    ("replay", "--subject", "margara", "--json"),
    ("export", "state"),
    ("export", "assertions"),
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("real") / "record.sqlite"
    assert run("--store", str(path), "load", str(EVENTS)).code == 0
    return str(path)


@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
def test_a_store_read_in_part_answers_as_files_read_whole(store: str, question: Sequence[str]) -> None:
    whole, part = run("--events", str(EVENTS), *question), run("--store", store, *question)
    assert (part.code, part.out) == (whole.code, whole.out)


@pytest.mark.parametrize("subject", ["margara", "nobody"])
def test_a_command_holds_its_store_no_longer_than_it_runs(store: str, subject: str) -> None:
    run("--store", store, "state", subject)
    assert not Path(f"{store}-wal").exists()  # whoever is the last to close a file clears up
    with closing(sqlite3.connect(store, timeout=0)) as file:
        assert file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
