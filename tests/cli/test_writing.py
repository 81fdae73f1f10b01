"""`preview`, `draft` and `token` on the command line."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run, run
from tests.cli.test_keeping import LIFT, file, kept

__all__ = ["kept"]


def test_a_preview_says_which_states_would_be_others_and_from_when_to_when(kept: Run, tmp_path: Path) -> None:
    eased = LIFT.replace('"lift", measure = "closure"', '"lift", measure = "closure", last_day = 2031-03-31')
    ran = kept("preview", file(tmp_path, "eased", eased))
    assert ran.code == 0
    assert "north-south road goods north>south: closed → open, 2031-03-20 – 2031-03-31" in ran.out.splitlines()
    assert "closure: in-force → lifted, 2031-03-20 – 2031-03-31" in ran.out.splitlines()
    assert len(kept("log", "--json").json) == 14
    found = kept("preview", str(tmp_path / "eased.toml"), "--json").json
    assert found["statements"] == ["eased"]
    [change] = [each for each in found["changes"] if each["subject"] == "closure"]
    assert (change["from"], change["until"]) == ("2031-03-20", "2031-04-01")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("", "closure: in-force → lifted, since 2031-03-20"),
        (", last_day = 2031-03-20", "closure: in-force → lifted, 2031-03-20"),
        (", last_day = 2031-04-02", "closure: in-force → lifted, 2031-03-20 – 2031-04-02"),
        (", until = 2031-03-21T06:00:00+04:00", "closure: in-force → lifted, 2031-03-20 – 2031-03-21 06:00 +04:00"),
    ],
)
def test_a_preview_writes_periods_as_histories_do(kept: Run, tmp_path: Path, more: str, words: str) -> None:
    said = LIFT.replace('measure = "closure"', f'measure = "closure"{more}')
    assert words in kept("preview", file(tmp_path, "said", said)).out.splitlines()


def test_a_preview_of_what_changes_nothing_and_of_what_is_wrong(kept: Run, tmp_path: Path) -> None:
    nothing = file(tmp_path, "nothing", LIFT.replace('[{ type = "lift", measure = "closure" }]', "[]"))
    assert kept("preview", nothing).out == "No state would change.\n"
    ran = kept("preview", file(tmp_path, "wrong", LIFT.replace("closure", "closur")))
    assert (ran.code, ran.out) == (1, "")
    assert 'wrong.toml:6: no measure "closur" is registered: did you mean "closure"?' in ran.err


def test_a_preview_of_a_retraction_and_of_files_that_follow_each_other(kept: Run, tmp_path: Path) -> None:
    pledge = '{ type = "pledge", pledge = "p", kind = "offer", parties = ["north"], text = "Soon." }'
    said = file(
        tmp_path, "said", LIFT.replace('{ type = "lift", measure = "closure" }', pledge).replace("2031", "2025")
    )
    assert "pledge p: none → open" in kept("preview", said).out.splitlines()
    taken = file(tmp_path, "taken", 'retracts = "northland-closes"\nannounced = 2031-01-01\nreason = "Never said."\n')
    ran = kept("preview", said, taken)
    assert "closure: in-force → none, since 2030-01-01" in ran.out.splitlines()


def test_a_draft_takes_two_people(kept: Run, tmp_path: Path) -> None:
    ran = kept("draft", "submit", file(tmp_path, "said", LIFT), "--by", "Ada")
    assert ran.code == 0
    [draft] = kept("draft", "list", "--json").json
    assert ran.out == f"said: draft {draft['draft']} submitted, at position 15\n"
    assert (draft["status"], draft["submitted_by"], draft["kind"]) == ("waiting", "Ada", "announcement")
    assert kept("state", "closure", "--as-of", "2031-04-01", "--json").json["state"] == "in-force"
    alone = kept("draft", "approve", draft["draft"], "--by", "ada")
    assert (alone.code, "another person has to approve it" in alone.err) == (2, True)
    done = kept("draft", "approve", draft["draft"], "--by", "Grace")
    assert done.out == f"said: draft {draft['draft']} approved, at position 17\n"
    assert kept("state", "closure", "--as-of", "2031-04-01", "--json").json["state"] == "lifted"
    last = kept("log", "--after", "16").out
    assert last.rstrip().endswith("Ada, approved by Grace")
    assert kept("draft", "list").out == "There is no such draft.\n"
    assert "announcement said, by Ada, approved by Grace" in kept("draft", "list", "--status", "all").out


def test_a_draft_is_rejected_with_a_reason(kept: Run, tmp_path: Path) -> None:
    kept("draft", "submit", file(tmp_path, "said", LIFT), "--by", "Ada")
    name = kept("draft", "list", "--json").json[0]["draft"]
    assert kept("draft", "reject", name, "--by", "Grace", "--reason", " ").code == 2
    assert kept("draft", "reject", name, "--by", "Grace", "--reason", "No source.").code == 0
    assert "rejected by Grace: No source." in kept("draft", "list", "--status", "rejected").out
    assert kept("draft", "show", name).json["reason"] == "No source."
    assert (kept("draft", "show", "d-0").code, kept("draft", "approve", "d-0", "--by", "x").code) == (2, 2)


def test_one_person_is_enough_where_review_is_switched_off(
    kept: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept("draft", "submit", file(tmp_path, "said", LIFT), "--by", "Ada")
    name = kept("draft", "list", "--json").json[0]["draft"]
    monkeypatch.setenv("TRACKER_REVIEW", "false")
    assert kept("draft", "approve", name, "--by", "Ada").code == 0


def test_a_token_is_shown_once(kept: Run) -> None:
    ran = kept("token", "create", "Ada", "--scope", "record", "--scope", "approve", "--expires", "90d")
    assert (ran.code, ran.err.startswith("Ada: approve, record, until ")) == (0, True)
    secret = ran.out.strip()
    listed = kept("token", "list").out
    assert secret not in listed
    assert secret[:17] in listed
    assert "valid" in listed
    assert kept("token", "revoke", secret[:17]).out == f"{secret[:17]}… of Ada is revoked.\n"
    assert "revoked" in kept("token", "list").out


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("Ada", "--scope", "write"), "write record, approve, admin"),
        (("Ada", "--scope", "record", "--expires", "soon"), "or never"),
        (("Ada", "--scope", "record", "--expires", "1999-01-01"), "has passed"),
        (("Ada", "--scope", "record", "--expires", "9" * 30 + "d"), "or never"),
        ((" ", "--scope", "record"), "is not a name"),
    ],
)
def test_tokens_that_make_no_sense_are_refused(kept: Run, args: tuple[str, ...], words: str) -> None:
    ran = kept("token", "create", *args)
    assert (ran.code, words in ran.err) == (2, True)


def test_files_store_nothing_and_no_store_is_made(dataset: Path, tmp_path: Path) -> None:
    for args in (("token", "list"), ("draft", "list")):
        assert run("--events", str(dataset), *args).code == 2
        assert run("--store", str(tmp_path / "none.sqlite"), *args).code == 3
    assert not (tmp_path / "none.sqlite").exists()
