"""The command as a process: pipes, colours, locale, and what it imports."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

TRACKER = [sys.executable, "-m", "tracker"]


def process(*args: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    env = {**os.environ, **environment}
    return subprocess.run([*TRACKER, *args], capture_output=True, env=env, timeout=60, check=False)


def on_a_terminal(args: list[str], **environment: str) -> bytes:
    """What a terminal of 200 columns would show."""
    parent, child = pty.openpty()
    env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "200", **environment}
    ran = subprocess.Popen([*TRACKER, *args], stdout=child, stderr=subprocess.DEVNULL, env=env)
    os.close(child)
    shown = b""
    while True:
        try:
            some = os.read(parent, 65536)
        except OSError:  # how Linux says that the other side has gone
            break
        if not some:
            break
        shown += some
    ran.wait(60)
    os.close(parent)
    return shown


def test_a_pipe_gets_utf8_and_no_colours_whatever_the_locale(dataset: Path) -> None:
    ran = process("--events", str(dataset), "state", LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0", COLUMNS="")
    assert ran.returncode == 0
    assert b"\x1b" not in ran.stdout + ran.stderr
    assert "all lanes (road+rail · goods+people)" in ran.stdout.decode("utf-8")


def test_a_terminal_gets_colours_unless_it_declines(dataset: Path) -> None:
    asked = ["--events", str(dataset), "state", "bridge", "--as-of", "2030-06-01"]
    assert b"\x1b[1;31mclosed" in on_a_terminal(asked)
    assert b"\x1b[31m" not in on_a_terminal(asked, NO_COLOR="1")
    assert b"closed" in on_a_terminal(asked, NO_COLOR="1")


def test_a_replay_is_a_film_on_a_terminal(dataset: Path) -> None:
    shown = on_a_terminal(["--events", str(dataset), "replay", "--speed", "0", "--to", "2030-06-01"])
    assert b"Ctrl-C ends" in shown
    assert b"2030-01-01" in shown


def test_a_reader_may_leave_a_pipe_early(dataset: Path) -> None:
    command = f"{' '.join(TRACKER)} --events {dataset} replay --json | head -1"
    ran = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, timeout=60, check=False)
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_bytes_that_are_no_text_make_no_traceback() -> None:
    ran = subprocess.run([*TRACKER, "state", "--as-of", b"\xff\xfe"], capture_output=True, timeout=60, check=False)
    assert ran.returncode in (2, 3)
    assert b"Traceback" not in ran.stderr


@pytest.mark.parametrize(
    ("code", "unwanted"),
    [
        ("import tracker.cli.main", {"rich", "numpy", "pydantic", "sqlalchemy", "eventsourcing", "pyarrow"}),
        ("from tracker.cli.main import answer; answer(['state', '--help'])", {"rich", "numpy"}),
        (
            "from tracker.cli.main import answer; answer(['--events', {dataset!r}, 'state', '--json'])",
            {"rich", "pyarrow", "sqlalchemy", "eventsourcing"},
        ),
    ],
)
def test_a_start_imports_only_what_it_needs(dataset: Path, code: str, unwanted: set[str]) -> None:
    told = "import sys; print(*sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr)"
    script = f"{code.format(dataset=str(dataset))}\n{told}"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=60, check=True)
    assert unwanted.isdisjoint(ran.stderr.decode().split())
