"""The benchmarks run: with next to no data, so that what they print means nothing here. No time is tested."""

import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def ran(folder: Path, script: str, *asked: str) -> str:
    command = [sys.executable, str(BENCHMARKS / script), *asked]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("script", "asked", "said"),
    [
        ("append.py", "--sizes 50 --store sqlite", "floor: executemany of the same bytes"),
        ("cold.py", "--sizes 1000 --rounds 1", "tracker state of one border"),
        ("lanes.py", "--lanes 50 --measures 300 --rounds 2", "0 of 160 compared statuses differ"),
        ("load.py", "--seconds 0.2 --connections 2", "history of one subject"),
        ("oxcgrt.py", str(BENCHMARKS.parent / "tests" / "data" / "oxcgrt"), "wrong cells: 0"),
        ("rebuild.py", "--sizes 200 --store sqlite --corrected 20", "floor: ready rows into all tables"),
        ("scale.py", "--assertions 2000 --parts 2 --no-spark --oxcgrt nowhere", "2,000 synthetic"),
        ("synthetic.py", "--assertions 500", "500 assertions on 50 tracks"),
        ("views.py", "--sizes 300 --store sqlite", "one more announcement"),
    ],
)
def test_a_benchmark_runs(tmp_path: Path, script: str, asked: str, said: str) -> None:
    assert said in ran(tmp_path, script, *asked.split())


def test_the_chart_of_growth_is_drawn_from_what_the_peers_took(tmp_path: Path) -> None:
    figures, chart = tmp_path / "peers.json", tmp_path / "growth.svg"
    peers = ["--sizes", "200", "800", "--rounds", "1", "--only", "sqlite", "eventsourcing"]
    assert "every answer is ours" in ran(tmp_path, "peers.py", *peers, "--figures", str(figures))
    ran(tmp_path, "growth.py", "--figures", str(figures), "--out", str(chart))
    assert "tracker" in chart.read_text(encoding="utf-8")
