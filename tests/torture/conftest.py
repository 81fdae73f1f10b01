"""A place on each kind of database, with processes to kill."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.postgres import unprivileged_user
from tests.torture.place import Place, Processes, processes


@pytest.fixture(scope="session")
def forker() -> Iterator[Processes]:
    with processes() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path, forker: Processes) -> Place:
    if request.param == "postgresql":
        new_url = request.getfixturevalue("new_postgres_url")
        return Place("postgresql", new_url, tmp_path, forker, unprivileged_user() or "postgres")
    numbers = count()
    return Place("sqlite", lambda: f"sqlite:///{tmp_path}/store{next(numbers)}.sqlite", tmp_path, forker)
