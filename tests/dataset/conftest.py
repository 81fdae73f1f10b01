"""A test's docstring holds the files; a comment `# <- words` says which problem is expected on its line.

A docstring is the announcement `2025/x.toml`, unless it names its files: `--- registry/more.toml`. If it begins with a
table, what every announcement has is put before it.
"""

import inspect
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tracker.dataset.reader import DatasetFiles, read_dataset
from tracker.model.errors import Problem, Severity

REGISTRY = """
[dataset]
name = "Test"
timezone = "+04:00"

[party]
AM = { name = "Armenia", kind = "state" }
AZ = { name = "Azerbaijan", kind = "state" }
TR = { name = "Turkey", kind = "state", aliases = ["Türkiye"] }
RU = { name = "Russia", kind = "state" }

[territory]
AM = { name = "Armenia", authority = "AM" }
AZ = { name = "Azerbaijan", authority = "AZ" }
AZ-NX = { name = "Nakhchivan", authority = "AZ" }
TR = { name = "Turkey", authority = "TR" }

[border]
AM-AZ = { between = ["AM", "AZ"], modes = ["road", "rail"] }
AM-AZ-NX = { between = ["AM", "AZ-NX"], modes = ["road", "rail"] }
AM-TR = { between = ["AM", "TR"], modes = ["road", "rail", "air"], crossings = "some" }

[crossing.margara]
border = "AM-TR"
modes = ["road"]
names = { en = "Margara" }
aliases = ["Alican"]

[corridor]
tr-am-az = { name = "West to east", path = ["TR", "margara", "AM", "AZ"], modes = ["road"] }
az-am-nx = { name = "TRIPP", path = ["AZ", "AM", "AZ-NX"], modes = ["road", "rail"], two_way = false }

[measure.az-transit-bar]
title = "Azerbaijan's bar on transit to Armenia"
authority = "AZ"
kind = "restriction"
level = "prohibited"
scope = { at = ["AZ"], regime = "transit", destination = ["AM"], traffic = ["goods"] }

[measure.tr-closure]
title = "Turkey's closure"
authority = "TR"
kind = "restriction"
level = "prohibited"
scope = { at = ["AM-TR"] }

[measure.am-permit]
title = "Armenia's leave"
authority = "AM"
kind = "permission"
level = "permitted"
scope = { at = ["AM"] }

[measure.blockade]
title = "A blockade"
authority = "RU"
kind = "restriction"
level = "prohibited"
de_facto = true
scope = { at = ["AM-AZ"] }

[instrument]
treaty = { title = "A treaty", parties = ["AM", "AZ"] }
"""
HEAD = """announced = 2025-10-21
summary = "Something was said."
by = [{ party = "AZ" }]
source = [{ publisher = "A paper" }]
"""
Expected = list[tuple[str, int, str]]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the current one, so that paths are short."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def write(here: Path) -> Callable[[str, str | bytes], Path]:
    """Write a file of the dataset `events`."""

    def write(name: str, text: str | bytes) -> Path:
        path = here / "events" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.fixture
def read(here: Path) -> Callable[[], tuple[DatasetFiles | None, tuple[Problem, ...]]]:
    return lambda: read_dataset(here / "events")


@pytest.fixture
def files(request: pytest.FixtureRequest, write: Callable[[str, str], Path]) -> dict[str, str]:
    """The files of the docstring, written beside a small registry."""
    write("registry/base.toml", REGISTRY)
    files = _files(inspect.cleandoc(request.function.__doc__ or ""))
    for name, text in files.items():
        write(name, text)
    return files


@pytest.fixture
def as_marked(
    files: dict[str, str], read: Callable[[], tuple[DatasetFiles | None, tuple[Problem, ...]]]
) -> Callable[[], None]:
    """Assert that the problems are those that the comments in the files expect, on their lines, and no others."""

    def as_marked() -> None:
        _, problems = read()
        expected = [one for name, text in files.items() for one in _expected(name, text)]
        unexpected = [str(one) for one in problems if not _take(one, expected)]
        assert (unexpected, expected) == ([], [])
        assert all(one.severity is Severity.ERROR for one in problems)

    return as_marked


def _files(text: str) -> dict[str, str]:
    if not text.startswith("---"):
        return {"2025/x.toml": _whole(text)}
    parts = re.split(r"^--- (\S+)\n", text, flags=re.MULTILINE)[1:]
    return {name: _whole(part) for name, part in zip(parts[::2], parts[1::2], strict=True) if name} if parts else {}


def _whole(text: str) -> str:
    return HEAD + text if text.startswith(("[[effect]]", "[[relation]]")) else text


def _expected(name: str, text: str) -> Expected:
    lines = enumerate(text.splitlines(), start=1)
    return [
        (f"events/{name}", number, words.strip())
        for number, line in lines
        if "# <-" in line
        for words in line.split("# <-")[1].split(" && ")
    ]


def _take(problem: Problem, expected: Expected) -> bool:
    for one in expected:
        path, line, words = one
        if (path, line) == (problem.location.path, problem.location.line) and words in problem.message:
            expected.remove(one)
            return True
    return False
