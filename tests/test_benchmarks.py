"""The benchmarks run on next to no data, so no figure is tested; the peers' answers are compared with the tracker's."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
pytestmark = pytest.mark.slow


@pytest.fixture
def _scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))


def output_of(folder: Path, script: str, *args: str) -> str:
    command = [sys.executable, str(BENCHMARKS / script), *args]
    process = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    return process.stdout


@pytest.mark.parametrize(
    ("script", "args", "line"),
    [
        ("append.py", "--sizes 50 --store sqlite", "floor: executemany of the same bytes"),
        ("cold.py", "--sizes 1000 --rounds 1", "tracker state of one border"),
        ("border.py", "--measures 20 --rounds 1", "20 measures, 20 announcements"),
        ("hours.py", "--measures 20 --rounds 1", "history, no hours"),
        ("lanes.py", "--lanes 50 --measures 300 --rounds 2", " 0 of 1580 compared statuses differ"),
        ("load.py", "--seconds 0.2 --connections 2", "history of one subject"),
        ("oxcgrt.py", str(BENCHMARKS.parent / "tests" / "data" / "oxcgrt"), "wrong cells: 0"),
        ("rebuild.py", "--sizes 200 --store sqlite --corrected 20", "floor: ready rows into all tables"),
        ("scale.py", "--assertions 2000 --parts 2 --no-spark --oxcgrt nowhere", "2,000 synthetic"),
        ("synthetic.py", "--assertions 500", "500 assertions on 50 tracks"),
        ("views.py", "--sizes 300 --store sqlite", "one more announcement"),
    ],
)
def test_a_benchmark_runs(tmp_path: Path, script: str, args: str, line: str) -> None:
    assert line in output_of(tmp_path, script, *args.split())


def test_peers_agree_and_their_growth_is_drawn(tmp_path: Path) -> None:
    figures, chart = tmp_path / "peers.json", tmp_path / "growth.svg"
    peers = ["--sizes", "200", "800", "--rounds", "1", "--only", "DuckDB", "SQLite", "eventsourcing"]
    out = output_of(tmp_path, "peers.py", *peers, "--figures", str(figures))
    assert out.count("every answer is ours") == 2
    assert "left out" not in out
    table = output_of(tmp_path, "growth.py", "--figures", str(figures), "--out", str(chart))
    assert all(name in table for name in ("tracker", "DuckDB", "SQLite, MAX by track"))
    texts = {element.text for element in ElementTree.parse(chart).iter("{http://www.w3.org/2000/svg}text")}
    assert {"tracker", "DuckDB", "SQLite", "plain scan", "One track"} <= texts


@pytest.mark.usefixtures("_scripts")
def test_the_benchmark_stops_at_an_answer_that_differs() -> None:
    agree = import_module("peers").agree
    agree("peer", "one", np.array([1, -1]), np.array([1, -1]))
    with pytest.raises(AssertionError, match="peer, one"):
        agree("peer", "one", np.array([1, -1]), np.array([1, 2]))


@pytest.mark.usefixtures("_scripts")
@pytest.mark.parametrize("size", [100, 5000])
def test_synthetic_assertions_are_a_history(size: int) -> None:
    generate = import_module("synthetic").generate
    history = generate(size)
    assert len(history) == size
    assert np.array_equal(history.order, generate(size).order)
    for begins, ends in (("announced_from", "announced_to"), ("recorded_from", "recorded_to")):
        assert (getattr(history, begins) < getattr(history, ends)).all()
    assert (history.begins_earliest <= history.begins_latest).all()
    assert (history.begins_latest < history.ends_earliest).all()
    assert (history.ends_earliest <= history.ends_latest).all()
    for _, known in history.questions().values():
        rows = (history.announced_from <= known.announced_by) & (known.announced_by < history.announced_to)
        rows &= (history.recorded_from <= known.recorded_by) & (known.recorded_by < history.recorded_to)
        versions = list(zip(history.announcement[rows].tolist(), history.effect[rows].tolist(), strict=True))
        assert len(versions) == len(set(versions)) > 0
