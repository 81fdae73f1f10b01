"""Short forms of `of`: written as the id of what has one change to be moved, and stored as the effect that is meant."""

import re
from pathlib import Path

import pytest

from tests.cli.conftest import run
from tests.cli.test_plans import Said, ask, folder, say, state

__all__ = ["folder"]
PLANNED = '{ type = "impose", measure = "ban", from = 2025-03-01, last_day = 2025-06-30 }'


def stored(folder: Path, *files: Path) -> list[str]:
    """The targets in the log of a store that a folder, and then some files, were recorded in."""
    store = ("--store", str(folder / "s.sqlite"))
    assert run(*store, "load", str(folder)).code == 0
    for file in files:
        ran = run(*store, "record", str(file))
        assert ran.code == 0, ran.err
    plans = []
    for name in ("a", "b", "c", "d", "e", "mended"):
        shown = run(*store, "show", name, "--json")
        plans += [] if shown.code else re.findall(r'"of": "([^"]*)"', shown.out)
    return plans


def test_the_one_change_of_a_measure_is_put_off(folder: Path) -> None:
    said: Said = {
        "a": ("2025-01-01", PLANNED),
        "b": ("2025-02-01", '{ type = "reschedule", of = "ban", from = 2025-04-01 }'),
        "c": ("2025-03-20", '{ type = "reschedule", of = "ban", from = 2025-05-01 }'),
    }
    say(folder, said)
    assert [state(folder, "ban", day) for day in ("2025-03-02", "2025-04-02", "2025-05-02")] == [
        "upcoming", "upcoming", "in-force",
    ]  # fmt: skip
    assert run("check", str(folder)).code == 0
    assert stored(folder) == ["a#1", "a#1"]


def test_what_is_recorded_later_is_resolved_against_the_record(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    say(folder, {"a": ("2025-01-01", PLANNED)})
    new = tmp_path_factory.mktemp("later")
    say(new, {"b": ("2025-02-01", '{ type = "cancel", of = "ban" }')})
    assert stored(folder, new / "2025" / "b.toml") == ["a#1"]
    assert run("--store", str(folder / "s.sqlite"), "state", "ban", "--as-of", "2025-04-01", "--json").json[
        "state"
    ] == ("none")


def test_the_stage_of_a_text_is_put_off(folder: Path) -> None:
    said: Said = {
        "a": ("2025-01-01", '{ type = "stage", instrument = "deal", stage = "signed" }'),
        "b": ("2025-02-01", '{ type = "stage", instrument = "deal", stage = "in-force", on = 2025-06-01 }'),
        "c": ("2025-05-01", '{ type = "reschedule", of = "deal", from = 2025-09-01 }'),
    }
    say(folder, said)
    stages = [
        ask(folder, "state", "deal", "--as-of", day, "--json").json["stage"] for day in ("2025-06-02", "2025-09-01")
    ]
    assert stages == ["signed", "in-force"]
    assert stored(folder) == ["b#1"]


def test_an_exemption_keeps_its_id_and_what_ends_it_its_number(folder: Path) -> None:
    exempt = '{ type = "exempt", measure = "ban", exemption = "gl-8", from = 2025-03-01 }'
    said: Said = {
        "a": ("2025-01-01", '{ type = "impose", measure = "ban" }'),
        "b": ("2025-01-02", exempt),
        "c": ("2025-02-01", '{ type = "reschedule", of = "gl-8", from = 2025-04-01 }'),
        "d": ("2025-05-01", '{ type = "lift", exemption = "gl-8", from = 2025-06-01 }'),
        "e": ("2025-05-10", '{ type = "cancel", of = "gl-8" }'),
    }
    say(folder, said)
    assert [state(folder, "ban", day) for day in ("2025-03-15", "2025-04-15", "2025-07-01")] == [
        "in-force", "eased", "eased",
    ]  # fmt: skip
    assert stored(folder) == ["gl-8", "d#1"]


def test_a_pledge_keeps_its_id(folder: Path) -> None:
    pledge = '{ type = "pledge", pledge = "bridge", kind = "promise", parties = ["XA"], text = "It will.", '
    pledge += "due = 2025-06-30 }"
    say(
        folder,
        {"a": ("2025-01-01", pledge), "b": ("2025-05-01", '{ type = "reschedule", of = "bridge", due = 2026-06-30 }')},
    )
    assert run("check", str(folder)).code == 0
    assert stored(folder) == ["bridge"]


def test_a_correction_may_be_written_with_it(folder: Path) -> None:
    say(folder, {"a": ("2025-01-01", PLANNED), "b": ("2025-02-01", '{ type = "cancel", of = "a#1" }')})
    path = folder / "2025" / "mended.toml"
    text = 'corrects = "b"\nannounced = 2025-02-02\nreason = "It was put off."\n[replace]\n'
    path.write_text(text + 'effect = [{ type = "reschedule", of = "ban", from = 2025-04-01 }]\n', encoding="utf-8")
    assert [state(folder, "ban", day) for day in ("2025-03-02", "2025-04-02")] == ["upcoming", "in-force"]
    assert set(stored(folder)) == {"a#1"}


REFUSED: list[tuple[Said, str]] = [
    (
        {
            "a": ("2025-01-01", PLANNED),
            "b": ("2025-01-02", '{ type = "lift", measure = "ban", from = 2025-05-01 }'),
            "c": ("2025-02-01", '{ type = "reschedule", of = "ban", from = 2025-04-01 }'),
        },
        'ban has 2 changes that may be meant: write one of them, "a#1" (impose, from 2025-03-01 until 2025-07-01); '
        '"b#1" (lift, from 2025-05-01)',
    ),
    (
        {
            "a": ("2025-01-01", PLANNED),
            "b": ("2025-08-01", '{ type = "cancel", of = "ban" }'),
        },
        'nothing that was announced of ban is to come or running on that day: name the effect that is meant as '
        '"<announcement>#<n>"',
    ),
    (
        {
            "a": ("2025-01-01", PLANNED),
            "b": ("2025-04-01", '{ type = "cancel", of = "ban" }'),
        },
        "a#1 began 2025-03-01, so it cannot be cancelled: write `lift`",
    ),
    (
        {
            "a": ("2025-01-01", '{ type = "impose", measure = ["ban", "works"], from = 2025-03-01 }'),
            "b": ("2025-02-01", '{ type = "cancel", of = "ban" }'),
        },
        'a#1 is about works, too: write of = "a#1" to move all of it',
    ),
    (
        {
            "a": ("2025-01-01", PLANNED),
            "b": ("2025-02-01", '{ type = "reschedule", of = "ban", due = 2025-04-01 }'),
        },
        "a#1 is of type impose, which has no `due`: leave it out",
    ),
    (
        {"a": ("2025-02-01", '{ type = "cancel", of = "bann" }')},
        'no measure, text, exemption or pledge "bann" was announced: did you mean "ban"?',
    ),
]  # fmt: skip


@pytest.mark.parametrize(("said", "message"), REFUSED, ids=[message[:40] for _, message in REFUSED])
def test_what_names_no_single_change_is_refused_at_its_line(said: Said, message: str, folder: Path) -> None:
    ran = run("check", str(say(folder, said)))
    assert message in " ".join((ran.out + ran.err).split())
    assert f"{max(said)}.toml:6" in ran.out + ran.err
