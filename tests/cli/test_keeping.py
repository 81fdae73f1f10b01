"""`check`, `load`, `record`, `correct`, `retract`, `rebuild`, `log`: files in, events out."""

import re
from pathlib import Path

import pytest
from freezegun import freeze_time

from tests.cli.conftest import Ran, Run, run

LIFT = """
announced = 2031-03-20
summary = "Northland opened its border."
by = [{ party = "north" }]
source = [{ publisher = "The Bugle" }]
effect = [{ type = "lift", measure = "closure" }]
"""


@pytest.fixture
def kept(dataset: Path, tmp_path: Path) -> Run:
    """The command on a store that holds the two banks."""
    store = str(tmp_path / "record.sqlite")
    ran = run("--store", store, "load", str(dataset), "--by", "a clerk")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("14 recorded, 0 amended, 0 unchanged at positions 1–14")
    return lambda *args: run("--store", store, *args)


def file(folder: Path, name: str, text: str) -> str:
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_check_counts_what_there_is(run_cli: Run, dataset: Path) -> None:
    ran = run_cli("check")
    assert ran.code == 0
    last = ran.out.splitlines()[-1]
    assert last.startswith(f"{dataset}: 0 errors, ")
    assert "12 subjects, 2 announcements" in last


def test_check_puts_errors_first_and_exits_with_1(run_cli: Run, dataset: Path) -> None:
    """
    announced = 2031-03-20
    source = []
    [[effect]]
    type = "lift"
    measure = "closur"
    """
    ran = run_cli("check")
    assert ran.code == 1
    lines = ran.out.splitlines()
    assert lines[0].startswith(f"{dataset}/2031/said.toml:7: ")
    assert "closure" in lines[0]
    found = run_cli("check", "--json")
    assert found.code == 1
    assert found.json["problems"][0].keys() == {"path", "line", "severity", "message"}


def test_check_marks_warnings_in_words(run_cli: Run) -> None:
    """
    announced = 2031-03-20
    source = []
    """
    ran = run_cli("check")
    assert ran.code == 0
    assert "2031/said.toml:1: warning: " in ran.out


@freeze_time("2031-06-01")
def test_what_the_coder_has_explained_or_time_has_settled_is_a_note(run_cli: Run) -> None:
    """
    --- 2030/unsourced.toml
    announced = 2030-06-01
    status = "unverified"
    note = "No page was seen."
    source = []
    --- 2030/passes.toml
    announced = 2030-06-02
    [[effect]]
    type = "passage"
    at = "bridge"
    mode = "road"
    traffic = "goods"
    on = 2030-06-02
    note = "Reported without a direction."
    --- 2030/northland-closes.toml
    announced = 2030-01-01
    effect = [{ type = "impose", measure = "closure", last_day = 2030-07-01 }]
    --- 2030/northland-closes-again.toml
    announced = 2030-08-01
    effect = [{ type = "impose", measure = "closure" }]
    """
    problems = run_cli("check", "--json").json["problems"]
    assert {problem["severity"] for problem in problems} == {"note"}
    texts = [problem["message"] for problem in problems]
    gap = "closure ran out 2030-07-02 with no decision on record until 2030-08-01: its state between them is unknown"
    assert gap in texts
    assert "0 errors, 0 warnings, 4 notes in" in run_cli("check").out


@freeze_time("2030-06-15")
def test_an_end_that_is_still_to_come_has_not_run_out(run_cli: Run) -> None:
    """
    --- 2030/northland-closes.toml
    announced = 2030-01-01
    effect = [{ type = "impose", measure = "closure", last_day = 2030-07-01 }]
    """
    assert "ran out" not in run_cli("check").out


@freeze_time("2030-07-15")
def test_an_end_without_a_decision_is_a_warning_that_says_what_to_do(run_cli: Run) -> None:
    """
    --- 2030/northland-closes.toml
    announced = 2030-01-01
    effect = [{ type = "impose", measure = "closure", last_day = 2030-07-01 }]
    """
    ran = run_cli("check").out
    assert "warning: closure ran out 2030-07-02 with no decision on record: look for what was decided (`extend`" in ran


def test_a_change_hidden_by_a_later_statement_is_warned_of(run_cli: Run) -> None:
    """
    --- 2031/a.toml
    announced = 2031-03-20
    effect = [{ type = "lift", measure = "closure", from = 2031-06-01 }]
    --- 2031/c.toml
    announced = 2031-03-21
    effect = [{ type = "impose", measure = "closure", from = 2031-04-01 }]
    """
    out = run_cli("check").out
    assert "closure scheduled for 2031-06-01 is covered by c, announced later: write `cancel` or `reschedule`" in out


def test_load_and_record_leave_notes_to_check(dataset: Path, tmp_path: Path) -> None:
    """
    announced = 2031-03-20
    status = "unverified"
    note = "No page was seen."
    source = []
    """
    assert "note: no source, and unverified" in run("check", str(dataset)).out
    ran = run("--store", str(tmp_path / "own.sqlite"), "load", str(dataset))
    assert (ran.code, ran.err) == (0, "")


def test_loading_twice_is_loading_once(kept: Run, dataset: Path) -> None:
    assert kept("load", str(dataset)).out == "0 recorded, 0 amended, 14 unchanged\n"


def test_a_changed_file_is_refused_with_1(kept: Run, dataset: Path) -> None:
    path = dataset / "2030" / "northland-closes.toml"
    path.write_text(path.read_text().replace("closed its", "shut its"))
    ran = kept("load", str(dataset))
    assert (ran.code, ran.out) == (1, "")
    assert len(ran.err.splitlines()) == 1
    assert "northland-closes" in ran.err
    assert "correct" in ran.err


def test_an_announcement_that_is_recorded_counts(kept: Run, tmp_path: Path) -> None:
    asked = ("state", "bridge", "--as-of", "2031-04-01")
    assert kept(*asked).status == "closed"
    assert kept("record", file(tmp_path, "opens", LIFT), "--by", "a clerk").code == 0
    assert kept(*asked).status == "open"
    assert kept(*asked, "--recorded-by", "14").status == "closed"
    shown = kept("show", "opens", "--json").json
    assert (shown["versions"][0]["recorded_by"], shown["versions"][0]["position"]) == ("a clerk", 15)


def test_a_correction_and_a_retraction(kept: Run, tmp_path: Path) -> None:
    opens = file(tmp_path, "opens", LIFT)
    later = '[replace]\neffect = [{ type = "lift", measure = "closure", from = 2031-05-01 }]'
    head = 'corrects = "opens"\nannounced = 2031-03-21\nreason = "A slip."\n'
    corrects = file(tmp_path, "opens-later", head + later)
    retracts = file(tmp_path, "opens-not", 'retracts = "opens"\nannounced = 2031-03-22\nreason = "A hoax."\n')
    assert kept("correct", opens).code == 2
    assert kept("retract", corrects).code == 2
    assert kept("record", opens).code == 0
    assert kept("correct", corrects).code == 0
    asked = ("state", "bridge", "--as-of", "2031-05-02")
    assert kept(*asked).status == "open"
    assert kept("state", "bridge", "--as-of", "2031-04-01").status == "closed"
    assert kept("retract", retracts).code == 0
    assert kept(*asked).status == "closed"
    assert len(kept("show", "opens", "--json").json["versions"]) == 3


def test_a_wrong_file_is_refused_with_1_and_told_by_line(kept: Run, tmp_path: Path) -> None:
    path = file(tmp_path, "opens", LIFT.replace("closure", "closur"))
    ran = kept("record", path)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(f"{path}:6: ")


def test_the_log_lists_events(kept: Run) -> None:
    lines = kept("log", "--after", "12").out.splitlines()
    assert len(lines) == 2
    assert lines[0].split()[0] == "13"
    assert "AnnouncementRecorded" in lines[0]
    assert "northland-closes" in lines[0]
    assert lines[0].endswith("a clerk")
    found = kept("log", "--limit", "1", "--json").json[0]
    assert found.keys() == {"position", "recorded_at", "recorded_by", "writer", "approved_by", "type", "id", "digest"}


@pytest.mark.parametrize(("options", "what"), [((), "tables"), (("--columns",), "columns")])
def test_rebuilding_changes_no_answer(options: tuple[str, ...], what: str, kept: Run) -> None:
    before = kept("state", "--json").out
    ran = kept("rebuild", *options)
    assert (ran.code, ran.out) == (0, f"The {what} are rebuilt, up to position 14.\n")
    assert kept("state", "--json").out == before


def test_a_store_and_the_files_it_was_loaded_from_answer_alike(kept: Run, run_cli: Run) -> None:
    for asked in (("state",), ("why", "great-road"), ("history", "bridge"), ("promises",)):
        texts = [re.sub(r'"recorded_at": ".*"', "", told(*asked, "--json").out) for told in (kept, run_cli)]
        assert texts[0] == texts[1]


def test_first_use_fills_the_default_store_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))
    first = run("state", "margara", "--as-of", "2025-10-28")
    assert first.code == 0
    assert "margara" in first.out
    assert "irst use" in first.err
    again = run("state", "margara", "--as-of", "2025-10-28")
    assert (again.out, again.err) == (first.out, "")


def test_an_empty_store_is_told_how_to_be_filled(tmp_path: Path) -> None:
    ran: Ran = run("--store", str(tmp_path / "empty.sqlite"), "state")
    assert ran.code == 2
    assert "load" in ran.err
