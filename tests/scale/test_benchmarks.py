"""The benchmark of peers: that it holds answers against each other, and that it draws what it found."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(autouse=True)
def _scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))


def ran(script: str, *args: str) -> str:
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / script), *args], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_peers_agree_and_are_drawn(tmp_path: Path) -> None:
    figures, drawing = str(tmp_path / "figures.json"), tmp_path / "growth.svg"
    out = ran(
        "peers.py", "--sizes", "1000", "2000", "--only", "DuckDB", "SQLite", "--rounds", "1", "--figures", figures
    )
    assert out.count("every answer is ours") == 2
    assert "left out" not in out
    table = ran("growth.py", "--figures", figures, "--out", str(drawing))
    assert all(name in table for name in ("tracker", "DuckDB", "SQLite, MAX by track"))
    texts = {each.text for each in ElementTree.parse(drawing).iter("{http://www.w3.org/2000/svg}text")}
    assert {"tracker", "DuckDB", "SQLite", "plain scan", "One track"} <= texts


def test_the_benchmark_stops_at_an_answer_that_differs() -> None:
    agree = import_module("peers").agree
    agree("peer", "one", np.array([1, -1]), np.array([1, -1]))
    with pytest.raises(AssertionError, match="peer, one"):
        agree("peer", "one", np.array([1, -1]), np.array([1, 2]))


@pytest.mark.parametrize("size", [100, 5000])
def test_synthetic_assertions_are_a_history(size: int) -> None:
    generate = import_module("synthetic").generate
    made = generate(size)
    assert len(made) == size
    assert np.array_equal(made.order, generate(size).order)
    for begins, ends in (("announced_from", "announced_to"), ("recorded_from", "recorded_to")):
        assert (getattr(made, begins) < getattr(made, ends)).all()
    assert (made.begins_earliest <= made.begins_latest).all()
    assert (made.begins_latest < made.ends_earliest).all()
    assert (made.ends_earliest <= made.ends_latest).all()
    for _, known in made.questions().values():
        rows = (made.announced_from <= known.announced_by) & (known.announced_by < made.announced_to)
        rows &= (made.recorded_from <= known.recorded_by) & (known.recorded_by < made.recorded_to)
        versions = list(zip(made.announcement[rows].tolist(), made.effect[rows].tolist(), strict=True))
        assert len(versions) == len(set(versions)) > 0
