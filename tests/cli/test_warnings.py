"""What `check` and `preview` warn of, each with what to write instead; and what they leave in peace."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from freezegun import freeze_time

from tests.cli.conftest import run
from tests.cli.test_plans import EXIT_DAY, Said, ask, folder, say, state, status

__all__ = ["folder"]
MORE = """
[measure.leave]
title = "Alpha's leave"
authority = "XA"
kind = "permission"
level = "permitted"
scope = { at = ["XA-XB"] }
[measure.listing]
title = "A listing"
authority = "XA"
kind = "restriction"
level = "prohibited"
under = "deal"
scope = { at = ["XA-XB"], only = ["company No. 1"] }
"""
ENDED = '{ type = "stage", instrument = "deal", stage = "terminated" }'
EXTEND = '{ type = "extend", measure = "ban", last_day = 2025-05-31 }'


@pytest.fixture
def land(folder: Path) -> Path:
    registry = folder / "registry" / "all.toml"
    registry.write_text(registry.read_text(encoding="utf-8") + MORE, encoding="utf-8")
    return folder


def problems(folder: Path, *severities: str) -> Mapping[str, str]:
    """What `check` says of each file, but for measures that are never announced. By `<id>:<line>`."""
    found = run("check", str(folder), "--json").json["problems"]
    return {
        f"{Path(one['path']).stem}:{one['line']}": one["message"]
        for one in found
        if one["path"] and "registry" not in one["path"] and one["severity"] in (severities or ("error", "warning"))
    }


WARNED: dict[str, tuple[Said, str, str]] = {  # the place, and parts of the message
    "a new start": (
        {
            "fixed": ("2018-06-26", '{ type = "impose", measure = "ban", from = 2019-03-29T23:00:00+00:00 }'),
            "off-1": ("2019-03-28", '{ type = "impose", measure = "ban", from = 2019-04-12T23:00:00+01:00 }'),
        },
        "off-1",
        "start of ban changes nothing, as fixed says that it is in force from 2019-03-29T23:00:00+00:00 without an "
        'end: write `reschedule` with of = "fixed#1" and the new `from`',
    ),
    "a new end": (
        {
            "a": ("2025-09-01", '{ type = "impose", measure = "ban", last_day = 2025-12-31 }'),
            "b": ("2025-10-01", '{ type = "impose", measure = "ban", last_day = 2025-10-15 }'),
        },
        "b",
        'end of ban changes nothing, as a says that it is in force from 2025-09-01 until 2026-01-01: '
        'write `reschedule` with of = "a#1" and the new `last_day`, or `lift` with `from`',
    ),
    "a new end of an exemption": (
        {
            "a": ("2025-01-01", '{ type = "impose", measure = "ban" }'),
            "b": ("2025-02-01", '{ type = "exempt", measure = "ban", exemption = "aid", only = ["aid"] }'),
            "c": ("2025-03-01", '{ type = "exempt", measure = "ban", exemption = "aid", only = ["aid"], '
                  'last_day = 2025-04-01 }'),
        },
        "c",
        'the new end of exemption aid changes nothing',
    ),
    "a lifting that is put off": (
        {
            "a": ("2025-01-01", '{ type = "impose", measure = "ban" }'),
            "b": ("2025-02-01", '{ type = "lift", measure = "ban", from = 2025-06-01 }'),
            "c": ("2025-03-01", '{ type = "lift", measure = "ban", from = 2025-07-01 }'),
        },
        "c",
        'not in force just before 2025-07-01: write `reschedule` with of = "b#1" to put that off',
    ),
    "a plan that was dropped": (
        {
            "a": ("2022-09-23", '{ type = "impose", measure = "ban", from = 2023-04-06 }'),
            "b": ("2022-10-17", '{ type = "lift", measure = "ban", from = 2023-04-06 }'),
        },
        "a",
        "scheduled for 2023-04-06 is covered by b, announced later: write `cancel` or `reschedule` there, with of = ",
    ),
    "a late open end": (
        {
            "closed": ("2025-01-10", '{ type = "impose", measure = "ban", from = 2025-01-15 }'),
            "disclosed": ("2025-04-01", '{ type = "impose", measure = "ban", from = 2024-12-20 }'),
            "reopened": ("2025-03-01", '{ type = "lift", measure = "ban" }'),
        },
        "disclosed",
        "it covers what reopened changed of ban since: give it an end, such as last_day = 2025-01-14",
    ),
    "one day": (
        {
            "a-suspends": (
                "2025-04-14",
                '{ type = "lift", measure = "ban", from = 2025-04-15, last_day = 2025-07-14 }',
            ),
            "b-imposes": ("2025-04-14", '{ type = "impose", measure = "ban", from = 2025-04-15 }'),
        },
        "b-imposes",
        "says of ban something else than a-suspends on the same day, and only their names say which comes last: "
        'write `after = ["…"]` in the later, or the hour of each',
    ),
    "a lift and an exemption of one day": (
        {
            "a": ("2025-01-01", '{ type = "impose", measure = "ban" }'),
            "b": ("2025-02-01", '{ type = "exempt", measure = "ban", exemption = "aid", only = ["aid"] }'),
            "c": ("2025-02-01", '{ type = "lift", measure = "ban" }'),
        },
        "c",
        "says of exemption aid something else than b on the same day",
    ),
    "a permission beside a bar": (
        {
            "a": ("2025-01-01", '{ type = "impose", measure = "ban" }'),
            "b": ("2025-02-01", '{ type = "permit", measure = "leave" }'),
        },
        "b",
        "permits leave, but ban of XA bars all of it, and a bar outweighs a permission: write `exempt` from ban",
    ),
    "an exemption from what is lapsed": (
        {
            "a": ("2025-01-01", '{ type = "impose", measure = "ban", last_day = 2025-01-31 }'),
            "b": ("2025-02-05", '{ type = "exempt", measure = "ban", only = ["aid"] }'),
        },
        "b",
        "exempts from ban, which had run out on 2025-02-05: where its words say that the measure stands, add an",
    ),
    "an exemption from nothing": (
        {"b": ("2025-02-05", '{ type = "exempt", measure = "ban", only = ["aid"] }')},
        "b",
        "exempts from ban, which was not in force on 2025-02-05",
    ),
    "a text that has ended": (
        {
            "listed": ("2012-05-01", '{ type = "impose", measure = "listing" }'),
            "revoked": ("2025-06-30", ENDED),
        },
        "revoked",
        "deal is terminated, and listing, under it, is in force without a word on it since: write what became of it",
    ),
    "a target": (
        {"a": ("2025-01-01", '{ type = "lift", measure = "ban", from = "[2025-06-01..2025-08-31]" }')},
        "a",
        "a range is for a day on which sources differ, and [2025-06-01..2025-08-31] is a target: write a `pledge`",
    ),
    "a passage either way": (
        {"a": ("2025-01-01", '{ type = "passage", at = "XA-XB", mode = "road", traffic = "goods" }')},
        "a",
        "nothing tells the direction of this passage, so it counts for both: give `direction`",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WARNED)
def test_it_is_warned_of_at_the_effect_with_what_to_write(case: str, land: Path) -> None:
    said, name, message = WARNED[case]
    found = problems(say(land, said))
    assert message in found.get(f"{name}:6", ""), found


IN_PEACE: dict[str, Said] = {
    "a suspension that goes on": {
        "a": ("2018-06-20", '{ type = "impose", measure = "ban" }'),
        "b": ("2021-11-24", '{ type = "lift", measure = "ban", from = 2022-01-01, last_day = 2023-12-31 }'),
        "c": ("2023-12-19", '{ type = "lift", measure = "ban", from = 2024-01-01, last_day = 2025-03-31 }'),
        "d": ("2025-03-28", '{ type = "lift", measure = "ban", last_day = 2025-04-14 }'),
    },
    "a closure with an exemption in one act": {
        "a": ("2025-01-01", '{ type = "impose", measure = "ban", from = 2025-02-01 }, '
              '{ type = "exempt", measure = "ban", only = ["aid"], from = 2025-02-01 }'),
    },
    "an exemption from what is to come": {
        "a": ("2025-01-01", '{ type = "impose", measure = "ban", from = 2025-02-01 }'),
        "b": ("2025-01-10", '{ type = "exempt", measure = "ban", only = ["aid"] }'),
    },
    "plans that are put off in the right words": EXIT_DAY,
    "an entry that is amended": {
        "a": ("2012-05-01", '{ type = "impose", measure = "ban" }'),
        "b": ("2024-09-13", '{ type = "impose", measure = "ban" }'),
    },
    "another level": {
        "a": ("2025-01-01", '{ type = "impose", measure = "ban" }'),
        "b": ("2025-02-01", '{ type = "impose", measure = "ban", level = "restricted", last_day = 2025-03-31 }'),
    },
    "a disclosure with an end": {
        "closed": ("2025-01-10", '{ type = "impose", measure = "ban", from = 2025-01-15 }'),
        "disclosed": ("2025-04-01", '{ type = "impose", measure = "ban", from = 2024-12-20, last_day = 2025-01-14 }'),
        "reopened": ("2025-03-01", '{ type = "lift", measure = "ban" }'),
    },
    "two statements of one day that say the same": {
        "a": ("2025-04-14", '{ type = "impose", measure = "ban" }'),
        "b": ("2025-04-14", '{ type = "impose", measure = "ban" }'),
    },
    "two statements of one day, one after the other": {
        "a": ("2025-04-14T09:00:00+01:00", '{ type = "impose", measure = "ban" }'),
        "b": ("2025-04-14T10:00:00+01:00", '{ type = "lift", measure = "ban", last_day = 2025-07-14 }'),
    },
    "two statements of one day of which a third decides": {
        "a": ("2025-04-14", '{ type = "impose", measure = "ban" }'),
        "b": ("2025-04-14", '{ type = "lift", measure = "ban" }'),
        "c": ("2025-04-15", '{ type = "impose", measure = "ban", from = 2025-04-14 }'),
    },
    "a permission that comes to count": {
        "a": ("2025-01-01", '{ type = "impose", measure = "ban", last_day = 2025-03-31, on_expiry = "ends" }'),
        "b": ("2025-02-01", '{ type = "permit", measure = "leave" }'),
    },
    "a listing that was confirmed": {
        "listed": ("2012-05-01", '{ type = "impose", measure = "listing" }'),
        "revoked": ("2025-06-30", ENDED),
        "stands": ("2025-07-01", '{ type = "impose", measure = "listing" }'),
    },
    "sources that differ on a day to come": {
        "a": ("2020-10-20", '{ type = "impose", measure = "ban", from = "[2020-12-31..2021-01-01]" }'),
    },
    "a passage to somewhere": {
        "a": ("2025-01-01", '{ type = "passage", at = "XA-XB", mode = "road", traffic = "goods", destination = "XB" }'),
    },
}  # fmt: skip


@pytest.mark.parametrize("case", IN_PEACE)
def test_it_is_left_in_peace(case: str, land: Path) -> None:
    assert problems(say(land, IN_PEACE[case])) == {}


@pytest.mark.parametrize(
    "more", ['after = ["b-imposes"]', 'relation = [{ type = "answers", announcement = "b-imposes" }]']
)
def test_an_order_that_is_said_is_left_in_peace(more: str, folder: Path) -> None:
    said, _, _ = WARNED["one day"]
    say(folder, {"b-imposes": said["b-imposes"]})
    say(folder, {"a-suspends": said["a-suspends"]}, more)
    assert problems(folder) == {}
    assert [state(folder, "ban", day) for day in ("2025-05-01", "2025-07-15")] == ["lifted", "in-force"]


@freeze_time("2026-01-01")
def test_an_extension_of_what_had_run_out_is_a_note(folder: Path) -> None:
    say(folder, {
        "a": ("2025-01-01", '{ type = "impose", measure = "ban", last_day = 2025-03-31 }'),
        "b": ("2025-04-10", EXTEND.replace("05-31", "12-31").replace("2025", "2026")),
    })  # fmt: skip
    assert problems(folder, "note")["b:6"] == (
        "extends ban, which ran out 2025-04-01: until 2025-04-10 its state is unknown"
    )


def test_a_disclosure_without_an_end_buries_a_reopening_and_with_one_does_not(folder: Path) -> None:
    say(folder, WARNED["a late open end"][0])
    assert status(folder, "2025-04-10") == "closed"
    say(folder, IN_PEACE["a disclosure with an end"])
    expected = {"2024-12-25": "closed", "2025-02-01": "closed", "2025-03-15": "open", "2025-04-10": "open"}
    assert {day: status(folder, day) for day in expected} == expected
    [since] = {lane["since"] for lane in ask(folder, "state", "XA-XB", "--as-of", "2025-04-10", "--json").json["lanes"]}
    assert since == "2025-03-01"


def written(folder: Path, name: str, effect: str) -> str:
    path = folder.parent / f"{name}.toml"
    text = (
        'announced = 2025-06-01\nsummary = "Said."\nby = [{ party = "XA" }]\nsource = [{ publisher = "The Bugle" }]\n'
    )
    path.write_text(f"{text}effect = [{effect}]\n", encoding="utf-8")
    return str(path)


def test_a_preview_lists_exemptions_that_a_new_ban_leaves(folder: Path) -> None:
    say(folder, {
        "a": ("2025-01-01", '{ type = "impose", measure = "ban" }'),
        "b": ("2025-02-01", '{ type = "exempt", measure = "ban", exemption = "aid", only = ["aid"] }'),
    })  # fmt: skip
    again = written(folder, "again", '{ type = "impose", measure = ["ban", "works"] }')
    ran = ask(folder, "preview", again)
    kept = "exemption aid (aid) from ban stays in force: `lift` it if it is to end"
    assert kept in ran.out.splitlines()
    assert "XA-XB road goods XA>XB: restricted (the rest closed) → closed, since 2025-06-01" in ran.out.splitlines()
    answer = ask(folder, "preview", again, "--json").json
    assert answer["exemptions"] == [{"exemption": "aid", "measure": "ban", "words": kept}]
    assert {change["subject"] for change in answer["changes"]} == {"XA-XB", "works"}


def test_a_preview_gives_the_warnings_of_its_files_alone(folder: Path) -> None:
    say(folder, {
        "a": ("2025-01-01", '{ type = "impose", measure = "ban", last_day = 2025-12-31 }'),
        "b": ("2025-02-01", '{ type = "lift", measure = "works" }'),
    })  # fmt: skip
    file = written(folder, "new", '{ type = "impose", measure = "ban", last_day = 2025-10-31 }')
    ran = ask(folder, "preview", file)
    [line] = ran.err.splitlines()
    assert line.startswith(f"warning: {file}:5: the new end of ban changes nothing, as a says")
    assert ran.out == "No state would change.\n"


def test_a_preview_shows_what_is_put_off_and_refuses_what_cannot_be(folder: Path) -> None:
    say(folder, {"a": ("2025-01-01", '{ type = "impose", measure = "ban", from = 2025-07-01 }')})
    off = ask(folder, "preview", written(folder, "off", '{ type = "reschedule", of = "a#1", from = 2025-08-01 }'))
    assert "ban: in-force → none, 2025-07-01 – 2025-07-31" in off.out.splitlines()
    assert "XA-XB road goods XA>XB: closed → presumed, 2025-07-01 – 2025-07-31" in off.out.splitlines()
    dropped = ask(folder, "preview", written(folder, "dropped", '{ type = "cancel", of = "a#1" }'))
    assert "ban: in-force → none, since 2025-07-01" in dropped.out.splitlines()
    say(folder, {"b": ("2025-02-01", '{ type = "lift", measure = "works" }')})
    refused = ask(folder, "preview", written(folder, "more", EXTEND.replace("05-31", "12-31")))
    assert (refused.code, "so there is none to extend" in refused.err) == (1, True)


IMPOSED = '{ type = "impose", measure = "ban", last_day = 2025-03-31 }'
LOST = {
    "reschedule": (
        '{ type = "reschedule", of = "a#1", last_day = 2025-03-15 }',
        "a has been retracted since, so this asserts nothing any more: correct it to name what is meant, or retract it",
    ),
    "extend": (
        '{ type = "extend", measure = "ban", last_day = 2025-05-31 }',
        "what was said of ban has been corrected or retracted since, so this asserts nothing any more",
    ),
    "cancel": ('{ type = "cancel", of = "a#2" }', "a has been retracted since, so this asserts nothing"),
}


@pytest.mark.parametrize("kind", LOST)
def test_a_change_that_loses_its_target_is_warned_of(kind: str, folder: Path) -> None:
    effect, message = LOST[kind]
    planned = '{ type = "lift", measure = "works", from = 2025-06-01 }'
    say(folder, {"a": ("2025-01-01", f"{IMPOSED}, {planned}"), "b": ("2025-02-01", effect)})
    assert not any("asserts nothing" in text for text in problems(folder, "warning").values())
    gone = 'retracts = "a"\nannounced = 2025-03-01\nreason = "It was never said."\n'
    (folder / "2025" / "gone.toml").write_text(gone, encoding="utf-8")
    assert message in problems(folder, "warning")["b:6"]


def test_a_change_of_what_a_correction_took_away_is_warned_of(folder: Path) -> None:
    moved = '{ type = "reschedule", of = "a#2", from = 2025-04-01 }'
    effects = f'{IMPOSED}, {{ type = "impose", measure = "works", from = 2025-03-01 }}'
    say(folder, {"a": ("2025-01-01", effects), "b": ("2025-02-01", moved)})
    mended = f'corrects = "a"\nannounced = 2025-03-01\nreason = "One act."\n[replace]\neffect = [{IMPOSED}]\n'
    (folder / "2025" / "mended.toml").write_text(mended, encoding="utf-8")
    assert "a has been corrected since, and has no effect #2" in problems(folder, "warning")["b:6"]


def test_what_was_itself_moved_or_prolonged_has_not_lost_its_target(folder: Path) -> None:
    say(folder, {
        "a": ("2025-01-01", IMPOSED),
        "b": ("2025-02-01", '{ type = "extend", measure = "ban", last_day = 2025-05-31 }'),
        "c": ("2025-03-01", '{ type = "reschedule", of = "b#1", last_day = 2025-04-30 }'),
        "d": ("2025-03-10", '{ type = "reschedule", of = "c#1", last_day = 2025-04-15 }'),
    })  # fmt: skip
    assert not any("asserts nothing" in text for text in problems(folder, "warning").values())


def test_the_ledger_shows_how_often_a_due_date_was_moved(folder: Path) -> None:
    pledge = '{ type = "pledge", pledge = "bridge", kind = "promise", parties = ["XA"], text = "It will.", '
    say(folder, {
        "a": ("2025-01-01", pledge + "due = 2025-06-30 }"),
        "b": ("2025-05-01", '{ type = "reschedule", of = "bridge", due = 2026-06-30 }'),
        "c": ("2026-05-01", '{ type = "reschedule", of = "b#1", due = 2027-06-30 }'),
    })  # fmt: skip
    known = {"2025-04-01": (0, "2025-06-30"), "2025-06-01": (1, "2026-06-30"), "2026-06-01": (2, "2027-06-30")}
    for day, expected in known.items():
        [promise] = ask(folder, "promises", "--as-of", day, "--announced-by", day, "--json").json
        assert (promise["moved"], promise["due"]) == expected
    assert "2027-06-30 (moved 2 times)" in " ".join(ask(folder, "promises", "--as-of", "2026-06-01").out.split())
