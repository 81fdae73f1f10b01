"""`run_cli` runs the command in this process, on a small country of two banks that a bridge joins.

A test's docstring is an announcement file, or several: `--- 2031/lifted.toml`. What every announcement has is put
before it where it lacks it.
"""

import io
import json
import re
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from inspect import cleandoc
from pathlib import Path
from typing import Any

import pytest

from tracker.cli.main import answer
from tracker.services import records

EVENTS = Path(__file__).parents[2] / "events"
REGISTRY = """
[dataset]
name = "Two banks"
timezone = "+04:00"

[party]
north = { name = "Northland", kind = "state" }
south = { name = "Southland", kind = "state" }
press = { name = "The press", kind = "media" }

[territory]
north = { name = "Northland", authority = "north" }
south = { name = "Southland", authority = "south" }

[border]
north-south = { between = ["north", "south"], modes = ["road", "rail"], crossings = "some" }

[crossing.bridge]
border = "north-south"
modes = ["road"]
names = { en = "The bridge" }
aliases = ["Long Bridge"]

[corridor]
great-road = { name = "The great road", path = ["north", "bridge", "south"], modes = ["road"], traffic = ["goods"] }

[measure]
closure = { title = "Northland's closure", authority = "north", kind = "restriction", level = "prohibited", \
scope = { at = ["north-south"] } }
leave = { title = "Southland's leave", authority = "south", kind = "permission", level = "permitted", \
scope = { at = ["north-south"] } }

[instrument]
treaty = { title = "A treaty", parties = ["north", "south"] }
"""
STANDING = {
    "2030/northland-closes.toml": """
announced = 2030-01-01
summary = "Northland closed its border."
by = [{ party = "north", name = "N. North", office = "President" }]
source = [{ publisher = "The Bugle", title = "=Closed", url = "https://example.org/closed" }]
effect = [{ type = "impose", measure = "closure" }]
""",
    "2030/southland-permits.toml": """
announced = 2030-02-01
summary = "Southland lets everybody pass."
by = [{ party = "south" }]
source = [{ publisher = "The Bugle" }]
effect = [{ type = "permit", measure = "leave" }]
""",
}
LEFT_OUT = {
    "summary": 'summary = "Something was said."',
    "by": 'by = [{ party = "north" }]',
    "source": 'source = [{ publisher = "The Bugle" }]',
}


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str
    raw: bytes
    again: Callable[..., "Ran"]

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def status(self) -> str:
        """The one status that all lanes of the answer have, or the state of a measure."""
        [answered] = {lane["status"] for lane in self._answer.get("lanes", ())} or {self._answer.get("state")}
        return str(answered)

    @property
    def _answer(self) -> Any:
        return self.again("--json").json


Run = Callable[..., Ran]


def run(*args: str) -> Ran:
    """Run a command with its streams caught, as in a pipe."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="ascii") for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        code = answer(args)
    texts = []
    for stream in (out, err):
        stream.flush()
        texts.append(stream.buffer.getvalue())
    return Ran(code, texts[0].decode(errors="replace"), texts[1].decode(), texts[0], lambda *more: run(*args, *more))


@pytest.fixture(autouse=True)
def _width(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COLUMNS", "TRACKER_STORE", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "160")


@pytest.fixture
def dataset(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """The two banks, with the announcements of the test's docstring."""
    folder = tmp_path / "events"
    files = {"registry/all.toml": REGISTRY, **STANDING, **_files(cleandoc(request.function.__doc__ or ""))}
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def _files(text: str) -> dict[str, str]:
    if text.startswith("announced"):
        year = re.search(r"\d{4}", text)
        assert year
        return {f"{year[0]}/said.toml": _whole(text)}
    parts = re.split(r"^--- (\S+)\n", text, flags=re.MULTILINE)
    return {name: _whole(part) for name, part in zip(parts[1::2], parts[2::2], strict=True)}


def _whole(text: str) -> str:
    if re.search(r"^(corrects|retracts) =", text, re.MULTILINE):
        return text
    missing = [line for key, line in LEFT_OUT.items() if not re.search(rf"^(\[\[)?{key}( =|\]\])", text, re.MULTILINE)]
    return "\n".join([*missing, text])


@pytest.fixture
def run_cli(dataset: Path) -> Run:
    return lambda *args: run("--events", str(dataset), *args)


@pytest.fixture(scope="session")
def real() -> Iterator[Run]:
    """The command on the whole record, which is read once."""
    read = records.from_files

    @lru_cache
    def once(folder: Path) -> Any:
        return read(folder, datetime.now().astimezone())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            records, "from_files", lambda folder, now: once(folder) if folder == EVENTS else read(folder, now)
        )
        yield lambda *args: run("--events", str(EVENTS), *args)
