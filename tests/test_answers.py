"""The answers over the record are what they were: of a part of the outputs of scripts/answers.py."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
SCRIPT, DIGESTS = ROOT / "scripts" / "answers.py", ROOT / "tests" / "data" / "answers.sha256"
PART = (  # what together takes a few seconds
    "why/AM-TR.txt",
    "why/margara.txt",
    "why/tr-am-az.txt",
    "why/az-land-closure.txt",
    "why/am-az-peace-agreement.txt",
    "history/ru-*",
    "show/aliyev-*",
    "state/as-of-2025-10-28-*",
    "diff/03.txt",
    "diff/10.txt",
    "promises/*",
    "replay/*",
    "routes/RU-to-AM-chosen.txt",
    "export/assertions.jsonl",
    "log/*",
    "views/*",
    "panel/2025-10-to-12.jsonl",
    "api/state*",
    "api/map*",
    "api/openapi*",
)


def run(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(SCRIPT), *args], capture_output=True, text=True, cwd=ROOT)


def test_the_answers_are_what_they_were() -> None:
    """Where it fails, what is printed says which outputs differ, how to see in what, and what to do about it."""
    done = run("--digests", str(DIGESTS), *(f"--only={pattern}" for pattern in PART))
    if done.returncode:
        pytest.fail(f"{done.stdout}\n{done.stderr}", pytrace=False)


@pytest.mark.parametrize("pattern", PART)
def test_each_pattern_names_an_output(pattern: str) -> None:
    names = [line.split("  ", 1)[1] for line in DIGESTS.read_text(encoding="utf-8").splitlines()]
    assert any(Path(name).match(pattern) for name in names)


def test_an_output_that_differs_is_named(tmp_path: Path) -> None:
    own = tmp_path / "answers.sha256"
    own.write_text(f"{'0' * 64}  log/all.txt\n{'0' * 64}  log/gone.txt\n", encoding="utf-8")
    done = run("--digests", str(own), "--only=log/*")
    assert done.returncode == 1
    assert "log/all.txt differs\n" in done.stdout
    assert "log/gone.txt is no longer made\n" in done.stdout
    assert "CHANGELOG.md" in done.stdout
