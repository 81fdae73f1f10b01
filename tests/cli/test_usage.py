"""Wrong usage is one line on stderr and exit code 2, never a traceback."""

from pathlib import Path
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cli.conftest import Ran, Run, run
from tracker.cli.main import EXIT_CODES
from tracker.model.effects import AnyEffect
from tracker.model.errors import TrackerError
from tracker.model.vocabulary import EffectType

DATES = (
    "", " ", "20240102", "2024-13-01", "2024-02-30", "2024-01-01T00:00", "2024-W01-1", "yesterday", "0001-01-01",
    "9999-12-31", "２０２５-01-01", "2024-01-01T25:00+04:00", "1e9", "-1", "x" * 5000, "\udcff", "2024-01-01\n",
)  # fmt: skip


def is_wrong_usage(ran: Ran) -> None:
    assert (ran.code, ran.out) == (2, ""), ran.err
    assert len(ran.err.splitlines()) == 1
    assert ran.err.startswith("tracker: ")
    assert len(ran.err) < 1100
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("date", DATES)
@pytest.mark.parametrize("option", ["--as-of", "--announced-by", "--recorded-by"])
def test_a_date_that_is_none(run_cli: Run, option: str, date: str) -> None:
    if (option, date) == ("--recorded-by", "20240102"):
        pytest.skip("a position of the log")
    is_wrong_usage(run_cli("state", option, date))


@pytest.mark.parametrize(
    "words",
    [
        "state nowhere", "state bridge --mode sea", "state --mode boat", "state --kind party", "state --goods wheat",
        "state --goods 1", "state --status fine", "state --colour", "why", "why nowhere", "why bridge bridge",
        "history nowhere", "diff 2030-01-01", "diff 2030-01-01 later", "diff 2030-01-01 2030-02-01 --as-of 2030-01-01",
        "diff --known 2030-01-01 2030-02-01 --announced-by 2030-01-01", "replay --step week", "replay --speed nan",
        "replay --speed -1", "replay --from 2031-01-01 --to 2030-01-01", "announcements --type open", "show",
        "show nothing", "announcements --about nowhere", "promises --status broken", "log", "log --after -1",
        "load", "record x.toml", "rebuild", "correct x.toml", "retract x.toml", "export", "export everything",
        "export state --format xml", "export announcements --kind border", "--store x state", "fly", "check nowhere",
    ],
)  # fmt: skip
def test_wrong_usage(run_cli: Run, words: str) -> None:
    is_wrong_usage(run_cli(*words.split()))


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("state --direction", "--direction"), ("state --only", "--only"), ("promises --party", "--party"),
        ("announcements --source", "--source"), ("replay --from", "--from"), ("diff 2030-01-01", "DATE"),
        ("routes north", "TERRITORY"), ("export state --as-of", "--as-of"), ("show", "ID"),
    ],
)  # fmt: skip
def test_a_blank_value_is_named(run_cli: Run, words: str, name: str) -> None:
    ran = run_cli(*words.split(), " ")
    is_wrong_usage(ran)
    assert f"{name} is empty" in ran.err


def test_every_question_takes_the_clocks() -> None:
    for command in (
        "state",
        "why",
        "history",
        "diff",
        "replay",
        "promises",
        "routes",
        "announcements",
        "show",
        "export",
    ):
        shown = run(command, "--help").out
        assert all(option in shown for option in ("--as-of", "--announced-by", "--recorded-by")), command
        assert command == "export" or "--json" in shown


def test_announcements_are_chosen_by_every_type_of_effect(run_cli: Run) -> None:
    types = {each.model_fields["type"].default for each in get_args(get_args(AnyEffect)[0])}
    assert {*EffectType} == {*types, "none"}
    for effect in EffectType:
        assert run_cli("announcements", "--type", effect).code == 0


def test_a_folder_that_is_none() -> None:
    for name in ("nowhere", __file__, "x" * 5000, "\0"):
        is_wrong_usage(run("--events", name, "state"))


def test_an_unknown_subject_gets_the_nearest_one(run_cli: Run) -> None:
    assert "did you mean bridge?" in run_cli("state", "brigde").err


def test_no_offset_gets_one_suggested(run_cli: Run) -> None:
    assert "2024-01-01T00:00+04:00" in run_cli("state", "--as-of", "2024-01-01T00:00").err


WORDS = st.one_of(
    st.text(max_size=20), st.sampled_from(DATES), st.text(min_size=3000, max_size=3000),
    st.sampled_from(["bridge", "treaty", "closure", "--json", "--", "--as-of", "--mode", "road", "--events", "-h"]),
)  # fmt: skip
COMMANDS = ("state", "why", "history", "diff", "replay", "promises", "announcements", "show", "log", "record", "export")


@given(command=st.sampled_from(COMMANDS), words=st.lists(WORDS, max_size=5))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_law_no_words_make_a_traceback(run_cli: Run, command: str, words: list[str]) -> None:
    ran = run_cli(command, *words)
    assert ran.code in (0, 1, 2, 3)
    assert "Traceback" not in ran.err


def test_global_options_may_stand_behind_the_command(dataset: Path) -> None:
    for words in (
        ["--events", str(dataset), "state", "bridge"],
        ["state", "--events", str(dataset), "bridge"],
        ["state", "bridge", f"--events={dataset}"],
    ):
        assert "bridge" in run(*words).out


def test_no_command_is_a_call_for_help() -> None:
    ran = run()
    assert ran.code == 0
    assert "Exit codes: 0 fine, 1 the data has errors, 2 wrong usage" in ran.out
    assert run("--version").out.startswith("tracker ")
    assert "--as-of" in run("state", "--help").out


def test_every_error_of_ours_has_an_exit_code() -> None:
    def kinds(of: type[Exception]) -> list[type[Exception]]:
        return [of, *(kind for each in of.__subclasses__() for kind in kinds(each))]

    for kind in kinds(TrackerError):
        assert any(issubclass(kind, each) for each in EXIT_CODES)


def test_a_dataset_with_mistakes_is_exit_code_1_and_each_is_named(run_cli: Run) -> None:
    """
    announced = 2031-03-20
    [[effect]]
    type = "lift"
    measure = "closur"
    [[effect]]
    type = "lift"
    measure = "clsure"
    """
    ran = run_cli("state")
    assert (ran.code, ran.out) == (1, "")
    assert "2031/said.toml:7:" in ran.err
    assert ran.err.splitlines()[-1] == "tracker: 2 problems in the files, nothing was answered"
