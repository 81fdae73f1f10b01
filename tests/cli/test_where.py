"""Where a command's record is: every command obeys tracker.toml and the environment, and a flag decides over both."""

import os
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Ran, run
from tests.imports.conftest import HEADER, MAPPING
from tracker.cli.main import MODULES

FIORDLAND = str(Path(__file__).parents[2] / "examples" / "fiordland")
STATEMENT = """
announced = 2031-09-01
summary = "Something was said."
by = [{ party = "SK" }]
source = [{ publisher = "The Bugle" }]
"""
CORRECTION = """
corrects = "said"
announced = 2031-09-02
reason = "A slip."
source = [{ publisher = "The Bugle" }]
replace = { summary = "Nothing was said." }
"""
RETRACTION = """
retracts = "said"
announced = 2031-09-03
reason = "It was not said."
source = [{ publisher = "The Bugle" }]
"""
FILES = {
    "said.toml": STATEMENT,
    "handed-in.toml": STATEMENT,
    "other.toml": STATEMENT,
    "corrected.toml": CORRECTION,
    "taken-back.toml": RETRACTION,
    "table.csv": HEADER + "1,P1,XA,ban,2031-01-01,2031-02-01\n",
    "map.toml": MAPPING,
}
WRITING = (  # each adds events to the log
    "load " + FIORDLAND, "record said.toml", "correct corrected.toml", "retract taken-back.toml",
    "import csv table.csv --mapping map.toml --announced 2031-01-02", "draft submit handed-in.toml other.toml --by Ada",
    "draft approve {draft} --by Grace", "draft reject {draft} --by Grace --reason No.",
)  # fmt: skip
READING = (
    "state", "why sk-bridge-closure", "history", "diff 2031-02-01 2031-06-01", "replay", "promises",
    "routes HV SK", "needs HV SK",
    "announcements", "show said", "log", "rebuild", "export state", "export --datapackage package",
    "export --format parquet assertions --parts 1 parts", "backup log.jsonl.gz", "audit keygen key --name example.org",
    "audit checkpoint --key key", "audit prove said", "audit consistency 1 2", "audit verify",
    "answer-proof 'state sk-bridge-closure'", "preview other.toml",
    "draft list", "draft show {draft}", "token create Ada --scope record", "token list",
)  # fmt: skip
ELSEWHERE = {  # tested below, or need no store
    "serve", "config", "check", "coverage", "restore", "states-at-scale", "verify-answer",
}  # fmt: skip


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working folder with files to record; the user's own store, which is not to be touched, would be below it."""
    for name in [name for name in os.environ if name.startswith("TRACKER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    yield tmp_path
    assert not (tmp_path / "home").exists()


def done(command: str, *flags: str) -> Ran:
    ran = run(*flags, *shlex.split(command))
    assert ran.code == 0, (command, ran.err)
    return ran


def log_length(store: str = "named.sqlite") -> int:
    return len(done("log --json", "--store", store).json) if Path(store).exists() else 0


@pytest.mark.parametrize("named", ["file", "environment"])
def test_every_command_works_on_the_store_that_settings_name(
    named: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if named == "file":
        (home / "tracker.toml").write_text('store = "named.sqlite"\n', encoding="utf-8")
    else:
        monkeypatch.setenv("TRACKER_STORE", "named.sqlite")
    for command in WRITING:
        before = log_length()
        draft = done("draft list --json").json[0]["draft"] if "{draft}" in command else ""
        done(command.format(draft=draft))
        assert log_length() > before, command
    draft = done("draft list --status all --json").json[0]["draft"]
    for command in READING:
        done(command.format(draft=draft))
    done("token revoke " + done("token list").out.split("…")[0])
    tried = {command.split()[0] for command in WRITING + READING}
    assert tried | ELSEWHERE == set(MODULES)
    assert sorted(path.name for path in home.glob("*.sqlite")) == ["named.sqlite"]


def test_a_backup_is_restored_into_the_store_that_the_file_names(home: Path) -> None:
    done("load " + FIORDLAND, "--store", "first.sqlite")
    done("backup log.jsonl.gz", "--store", "first.sqlite")
    (home / "tracker.toml").write_text('store = "named.sqlite"\n', encoding="utf-8")
    done("restore log.jsonl.gz")
    assert log_length() == log_length("first.sqlite") > 0


def test_files_and_a_store_at_once_are_an_error_that_names_both_unless_a_flag_decides(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done("load " + FIORDLAND, "--store", "named.sqlite")
    (home / "tracker.toml").write_text(f'events = "{FIORDLAND}"\n', encoding="utf-8")
    assert done("state --json").json
    monkeypatch.setenv("TRACKER_STORE", "named.sqlite")
    for command in ("state", "export state", "serve"):
        ran = run(*command.split())
        assert ran.code == 2
        assert "both `events`" in ran.err
        assert "`store`" in ran.err
    from_store = done("announcements --json", "--store", "named.sqlite").json
    assert len(from_store) == len(done("announcements --json", "--events", FIORDLAND).json) > 0
    assert done("config").code == 0
    ran = run("--store", "named.sqlite", "--events", FIORDLAND, "state")
    assert (ran.code, "--events" in ran.err, "--store" in ran.err) == (2, True, True)


def test_what_writes_or_audits_a_store_never_reads_events(home: Path) -> None:
    (home / "tracker.toml").write_text(f'events = "{home}"\nstore = "named.sqlite"\n', encoding="utf-8")
    done("load " + FIORDLAND)
    done("record said.toml")
    done("audit verify")
    assert log_length() > 0
    assert "leave it out" in run("--events", FIORDLAND, "record", "said.toml").err


def test_a_check_is_of_the_files_that_the_settings_name(home: Path) -> None:
    (home / "tracker.toml").write_text(f'events = "{FIORDLAND}"\n', encoding="utf-8")
    assert done("check").out.startswith(FIORDLAND)
    assert "covers" not in done("coverage").err


def test_a_mistyped_setting_stops_every_command(home: Path) -> None:
    (home / "tracker.toml").write_text('stroe = "named.sqlite"\n', encoding="utf-8")
    for command in ("state", "record said.toml", "config"):
        ran = run(*command.split())
        assert ran.code == 2
        assert "stroe" in ran.err
    (home / "tracker.toml").write_text("store = 5\n", encoding="utf-8")
    assert "store: write it as text (tracker.toml)" in run("state").err


def test_config_says_which_store_would_be_used(home: Path) -> None:
    assert f"Answers come from the store {home}/home/tracker/record.sqlite (your own" in done("config").out
    (home / "tracker.toml").write_text('store = "postgresql://ada:secret@host/name"\n', encoding="utf-8")
    assert "Answers come from the store postgresql://ada:***@host/name; `load`" in done("config").out
    from_files = done("config", "--events", FIORDLAND).out
    assert f"Answers come from the files in {FIORDLAND}; `load` and `record` write to the store {home}" in from_files
    (home / "tracker.toml").write_text(f'store = "a.sqlite"\nevents = "{FIORDLAND}"\n', encoding="utf-8")
    assert "both `events` and `store` are set" in done("config").out


def test_a_variable_that_is_no_setting_gets_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_STOER", "named.sqlite")
    ran = done("state --json", "--events", FIORDLAND)
    assert ran.err == "note: TRACKER_STOER is no setting and is not read: did you mean TRACKER_STORE?\n"
    monkeypatch.delenv("TRACKER_STOER")
    monkeypatch.setenv("TRACKER_WHATEVER", "1")
    assert "TRACKER_WHATEVER is no setting and is not read: `tracker config` shows all" in done("config").err
    monkeypatch.delenv("TRACKER_WHATEVER")
    monkeypatch.setenv("TRACKER_TIMEOUT", "5")
    assert done("config").err == ""


def test_a_file_of_settings_that_is_named_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_CONFIG", "none.toml")
    assert "TRACKER_CONFIG=none.toml is not a file" in run("state").err


def test_reading_makes_no_store() -> None:
    for command in ("log", "backup log.gz", "audit verify", "draft list", "token list"):
        ran = run(*command.split())
        assert (ran.code, "there is no store yet" in ran.err) == (3, True)
        assert run("--store", "none.sqlite", *command.split()).code == 3
        assert not Path("none.sqlite").exists()
