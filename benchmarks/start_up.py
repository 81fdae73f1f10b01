"""How long `tracker state` takes from process start, beside the floors that no program here can beat.

As installed: compiled modules are kept, whatever PYTHONDONTWRITEBYTECODE says here.

Usage: python benchmarks/start_up.py [ROUNDS]
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 15
PYTHON = sys.executable
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def seconds(command: list[str]) -> tuple[float, float]:
    """Best and median of some rounds, after one to warm the disk's cache."""
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT)
    found = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT)
        found.append(time.perf_counter() - begin)
    return min(found), statistics.median(found)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = str(Path(folder) / "record.sqlite")
        tracker = [PYTHON, "-m", "tracker", "--store", store]
        subprocess.run([*tracker, "load", str(ROOT / "events")], check=True, stdout=subprocess.DEVNULL)
        day = ["--as-of", "2025-10-28"]
        rows = {
            "floor: python, nothing imported": [PYTHON, "-c", "pass"],
            "floor: import numpy, pydantic, typer": [PYTHON, "-c", "import numpy, pydantic, typer"],
            "peer: import sqlalchemy, eventsourcing": [
                PYTHON,
                "-c",
                "import sqlalchemy, eventsourcing.persistence",
            ],
            "tracker state (all, table)": [*tracker, "state", *day],
            "tracker state (all, --json)": [*tracker, "state", *day, "--json"],
            "tracker state ru-az-ge-am": [*tracker, "state", "ru-az-ge-am", *day],
            "tracker why tr-am-az": [*tracker, "why", "tr-am-az", *day],
            "tracker history margara": [*tracker, "history", "margara"],
            "tracker --events events state (no store)": [
                PYTHON,
                "-m",
                "tracker",
                "--events",
                str(ROOT / "events"),
                "state",
                *day,
            ],
        }
        print(f"{'from process start, seconds':44} {'best':>7} {'median':>7}   ({ROUNDS} rounds)")
        for name, command in rows.items():
            best, median = seconds(command)
            print(f"{name:44} {best:7.3f} {median:7.3f}")


if __name__ == "__main__":
    main()
