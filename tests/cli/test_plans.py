"""Officials who change their own plans, as adjudged: put off, dropped, cut short, prolonged, exempted, listed days."""

from pathlib import Path

import pytest

from tests.cli.conftest import Ran, run

REGISTRY = """
[dataset]
name = "Two lands"
timezone = "Europe/London"
[party]
XA = { name = "Alpha", kind = "state" }
XB = { name = "Beta", kind = "state" }
[territory]
XA = { name = "Alpha", authority = "XA" }
XB = { name = "Beta", authority = "XB" }
[border]
XA-XB = { between = ["XA", "XB"], modes = ["road"], traffic = ["goods"], normally = "open" }
[measure]
ban = { title = "A ban", authority = "XA", kind = "restriction", level = "prohibited", scope = { at = ["XA-XB"] } }
works = { title = "Works on the bridge", authority = "XA", kind = "restriction", level = "prohibited", \
on_expiry = "ends", scope = { at = ["XA-XB"] } }
fee = { title = "A fee", authority = "XA", kind = "restriction", level = "formality", unit = "EUR", \
scope = { at = ["XA-XB"] } }
[instrument]
deal = { title = "A deal", parties = ["XA", "XB"] }
"""
Said = dict[str, tuple[str, str]]  # by id: the day, and effects


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "registry").mkdir()
    (tmp_path / "registry" / "all.toml").write_text(REGISTRY, encoding="utf-8")
    return tmp_path


def say(folder: Path, said: Said, more: str = "") -> Path:
    for name, (day, effects) in said.items():
        path = folder / day[:4] / f"{name}.toml"
        path.parent.mkdir(exist_ok=True)
        text = f'announced = {day}\nsummary = "Something was said."\nby = [{{ party = "XA" }}]\n'
        text += f'source = [{{ publisher = "The Bugle" }}]\n{more if name == max(said) else ""}\n'
        path.write_text(f"{text}effect = [{effects}]\n", encoding="utf-8")
    return folder


def ask(folder: Path, *args: str) -> Ran:
    return run("--events", str(folder), *args)


def state(folder: Path, measure: str, as_of: str, *more: str) -> str:
    found = ask(folder, "state", measure, "--as-of", as_of, *more, "--json").json
    return str(found["state"])


def status(folder: Path, as_of: str, *more: str) -> str:
    found = ask(folder, "state", "XA-XB", "--as-of", as_of, *more, "--json").json
    [lane] = {lane["status"] for lane in found["lanes"]}
    return str(lane)


EXIT_DAY: Said = {
    "fixed": ("2018-06-26", '{ type = "impose", measure = "ban", from = 2019-03-29T23:00:00+00:00 }'),
    "off-1": ("2019-03-28", '{ type = "reschedule", of = "fixed#1", from = 2019-04-12T23:00:00+01:00 }'),
    "off-2": ("2019-04-11", '{ type = "reschedule", of = "fixed#1", from = 2019-10-31T23:00:00+00:00 }'),
    "off-3": ("2019-10-30", '{ type = "reschedule", of = "off-2#1", from = 2020-01-31T23:00:00+00:00 }'),
}


def test_what_is_put_off_was_never_in_force_before_its_day(folder: Path) -> None:
    say(folder, EXIT_DAY)
    for day in ("2019-04-01", "2019-06-01", "2019-11-15", "2020-01-31T22:59:00+00:00"):
        assert state(folder, "ban", day) in ("none", "upcoming"), day
    assert state(folder, "ban", "2020-01-31T23:00:00+00:00") == "in-force"
    assert state(folder, "ban", "2020-01-31") == "in-force"


def test_what_was_foreseen_stays_on_the_clock_of_announcements(folder: Path) -> None:
    say(folder, EXIT_DAY)
    assert state(folder, "ban", "2019-02-01", "--announced-by", "2019-02-01") == "upcoming"
    assert state(folder, "ban", "2019-06-01", "--announced-by", "2019-02-01") == "in-force"
    assert state(folder, "ban", "2019-11-15", "--announced-by", "2019-06-01") == "in-force"


PUT_OFF: Said = {
    "planned": ("2019-01-15", '{ type = "impose", measure = "ban", from = 2019-03-29 }'),
    "later": ("2019-03-22", '{ type = "reschedule", of = "planned#1", from = 2019-04-12 }'),
    "last": ("2019-04-10", '{ type = "reschedule", of = "planned#1", from = 2019-10-31 }'),
}


@pytest.mark.parametrize(
    ("as_of", "announced_by", "expected", "until"),
    [
        ("2019-05-01", None, "upcoming", "2019-10-31"),
        ("2019-05-01", "2019-03-01", "in-force", None),
        ("2019-03-01", "2019-03-01", "upcoming", "2019-03-29"),
    ],
)
def test_a_start_is_put_off_twice(
    folder: Path, as_of: str, announced_by: str | None, expected: str, until: str | None
) -> None:
    """Announced for 29 March, put off on 22 March to 12 April, and on 10 April to 31 October."""
    say(folder, PUT_OFF)
    known = ["--announced-by", announced_by] if announced_by else []
    answer = ask(folder, "state", "ban", "--as-of", as_of, *known, "--json").json
    assert (answer["state"], answer["until"]) == (expected, until)
    lane = ask(folder, "state", "XA-XB", "--as-of", as_of, *known, "--json").json["lanes"][0]
    assert [change["at"] for change in lane["upcoming"]] == ([until] if until else [])
    assert (lane["status"] == "closed") is (expected == "in-force")


def test_what_is_put_off_cites_the_statement_that_did_it(folder: Path) -> None:
    say(folder, EXIT_DAY)
    found = ask(folder, "state", "ban", "--as-of", "2020-03-01", "--json").json
    assert (found["announcement"], found["since"]) == ("off-3", "2020-01-31T23:00:00+00:00")


def test_what_is_dropped_was_never_in_force_and_is_not_lifted(folder: Path) -> None:
    said: Said = {
        "announced": ("2022-09-23", '{ type = "impose", measure = "ban", from = 2023-04-06 }'),
        "dropped": ("2022-10-17", '{ type = "cancel", of = "announced#1" }'),
    }
    say(folder, said)
    assert state(folder, "ban", "2022-10-01", "--announced-by", "2022-10-01") == "upcoming"
    assert state(folder, "ban", "2022-11-01") == "none"
    assert state(folder, "ban", "2023-05-01") == "none"


def test_an_end_that_is_brought_forward_is_known_from_then_on(folder: Path) -> None:
    said: Said = {
        "closed": ("2025-09-01", '{ type = "impose", measure = "ban", last_day = 2025-12-31 }'),
        "shortened": (
            "2025-10-01",
            '{ type = "reschedule", of = "closed#1", last_day = 2025-10-15, on_expiry = "ends" }',
        ),
    }
    say(folder, said)
    assert status(folder, "2025-10-15") == "closed"
    assert (status(folder, "2025-10-16"), status(folder, "2025-12-01")) == ("presumed", "presumed")
    assert status(folder, "2025-12-01", "--announced-by", "2025-09-30") == "closed"


REFUSED: list[tuple[Said, str]] = [
    (
        {
            "a": ("2025-01-01", '{ type = "impose", measure = "ban" }'),
            "b": ("2025-02-01", '{ type = "lift", measure = "ban", last_day = 2025-03-31 }'),
            "c": ("2025-03-28", '{ type = "extend", measure = "ban", last_day = 2025-04-14 }'),
        },
        "what is lifted cannot be extended: write `lift` with the new end",
    ),
    (
        {
            "a": ("2025-01-01", '{ type = "impose", measure = "ban", last_day = 2025-12-31 }'),
            "b": ("2025-02-01", '{ type = "extend", measure = "ban", last_day = 2025-10-15 }'),
        },
        "write `reschedule` for an earlier end, or `lift`",
    ),
    (
        {
            "a": ("2025-01-01", '{ type = "impose", measure = "works", last_day = 2025-01-31 }'),
            "b": ("2025-02-05", '{ type = "extend", measure = "works", last_day = 2025-10-15 }'),
        },
        "by its own terms: write `impose` for a new period",
    ),
    ({"a": ("2025-01-01", '{ type = "extend", measure = "ban", last_day = 2025-10-15 }')}, "write `impose`"),
    (
        {
            "a": ("2025-01-01", '{ type = "impose", measure = "ban", from = 2025-02-01 }'),
            "b": ("2025-02-05", '{ type = "reschedule", of = "a#1", from = 2025-03-01 }'),
        },
        "its start cannot be moved: write `lift`, or `impose`",
    ),
    (
        {
            "a": ("2025-01-01", '{ type = "impose", measure = "ban", from = 2025-02-01 }'),
            "b": ("2025-02-05", '{ type = "cancel", of = "a#1" }'),
        },
        "so it cannot be cancelled: write `lift`",
    ),
    (
        {
            "a": ("2025-01-01", '{ type = "impose", measure = "ban", last_day = 2025-05-01 }'),
            "b": ("2025-02-05", '{ type = "reschedule", of = "a#1", last_day = 2025-02-01 }'),
        },
        "is before the day of this statement: write `lift`",
    ),
    (
        {
            "a": ("2025-01-01", '{ type = "impose", measure = "ban", last_day = 2025-05-01 }'),
            "b": ("2025-02-05", '{ type = "reschedule", of = "a#1", last_day = 2025-06-01 }'),
        },
        "a later end is an extension: write `extend`",
    ),
    ({"a": ("2025-01-01", '{ type = "cancel", of = "b#1" }')}, 'no announcement "b" is known'),
    ({"a": ("2025-01-01", '{ type = "ease", measure = "ban", limits = ["aid"] }')}, 'write `type = "exempt"`'),
    (
        {"a": ("2025-01-01", '{ type = "impose", measure = "ban", limits = ["aid"] }')},
        "for whom or what in `only`",
    ),
    ({"a": ("2025-01-01", '{ type = "impose", measure = "ban", when = "PH" }')}, "list the days"),
    ({"a": ("1899-01-01", '{ type = "impose", measure = "ban", when = "May-Oct" }')}, "hours are read from 1900 on"),
    ({"a": ("2025-01-01", '{ type = "lift", exemption = "aid" }')}, 'no exemption "aid" was announced'),
]


@pytest.mark.parametrize(("said", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_what_cannot_be_is_refused_with_what_to_write(said: Said, message: str, folder: Path) -> None:
    ran = run("check", str(say(folder, said)))
    text = ran.out + ran.err
    assert message in " ".join(text.split())
    assert f"{max(said)}.toml:" in text


SAME_DAY: Said = {
    "2025-778": ("2025-04-13", '{ type = "impose", measure = "ban" }'),
    "2025-786": ("2025-04-13", '{ type = "lift", measure = "ban", last_day = 2025-07-14 }'),
}


@pytest.mark.parametrize("names", [("2025-778", "2025-786"), ("b-imposes", "a-suspends")])
@pytest.mark.parametrize("word", ['after = ["{}"]', 'relation = [{{ type = "implements", announcement = "{}" }}]'])
def test_the_order_of_one_day_is_as_it_is_said_whatever_the_names(
    names: tuple[str, str], word: str, folder: Path
) -> None:
    imposes, suspends = names
    for name, effects, more in (
        (imposes, SAME_DAY["2025-778"][1], ""),
        (suspends, SAME_DAY["2025-786"][1], word.format(imposes)),
    ):
        say(folder, {name: ("2025-04-13", effects)}, more)
    assert state(folder, "ban", "2025-05-01") == "lifted"
    assert state(folder, "ban", "2025-07-15") == "in-force"


def test_listed_days_leave_no_trace_between_and_after(folder: Path) -> None:
    days = ("2025-05-03", "2025-05-10", "2025-05-17")
    effects = ", ".join(f'{{ type = "impose", measure = "works", from = {day}, last_day = {day} }}' for day in days)
    say(folder, {"works": ("2025-04-13", effects)})
    assert [status(folder, day) for day in days] == ["closed"] * 3
    assert {status(folder, day) for day in ("2025-05-02", "2025-05-05", "2025-06-01")} == {"presumed"}
    assert [state(folder, "works", day) for day in ("2025-05-05", "2025-06-01")] == ["over", "over"]


def test_a_suspension_that_is_prolonged_by_a_lift_ends_on_its_new_day(folder: Path) -> None:
    said: Said = {
        "a": ("2025-01-01", '{ type = "impose", measure = "ban" }'),
        "b": ("2025-02-01", '{ type = "lift", measure = "ban", last_day = 2025-03-31 }'),
        "c": ("2025-03-28", '{ type = "lift", measure = "ban", last_day = 2025-04-14 }'),
    }
    say(folder, said)
    assert state(folder, "ban", "2025-04-10") == "lifted"
    found = ask(folder, "state", "ban", "--as-of", "2025-04-15", "--json").json
    assert (found["state"], found["since"]) == ("in-force", "2025-04-15")


def test_a_lifting_does_not_speak_for_a_closure_that_lapsed_later(folder: Path) -> None:
    said: Said = {
        "a": ("2020-01-01", '{ type = "impose", measure = "ban" }'),
        "b": ("2021-01-01", '{ type = "lift", measure = "ban" }'),
        "c": ("2022-01-01", '{ type = "impose", measure = "works", last_day = 2023-01-31, on_expiry = "unknown" }'),
    }
    say(folder, said)
    found = ask(folder, "state", "XA-XB", "--as-of", "2023-06-01", "--json").json
    for lane in found["lanes"]:
        assert (lane["status"], lane["because"][0]["measure"], lane["because"][0]["lapsed"]) == (
            "unverified", "works", True,
        )  # fmt: skip


SIDE_BY_SIDE: Said = {
    "banned": ("2022-01-01", '{ type = "impose", measure = "ban" }'),
    "food": ("2022-02-01", '{ type = "exempt", measure = "ban", only = ["food"] }'),
    "fuel": ("2022-03-01", '{ type = "exempt", measure = "ban", exemption = "gl-8", only = ["fuel"], '
             'conditions = ["with a licence"], last_day = 2022-12-31 }'),
}  # fmt: skip


def test_exemptions_stand_side_by_side(folder: Path) -> None:
    say(folder, SIDE_BY_SIDE)
    assert status(folder, "2022-07-01", "--only", "food") == "open"
    assert status(folder, "2022-07-01", "--only", "fuel") == "restricted"  # even so, a licence is needed
    assert status(folder, "2022-07-01") == "restricted"
    assert (state(folder, "ban", "2022-01-15"), state(folder, "ban", "2022-07-01")) == ("in-force", "eased")
    assert status(folder, "2023-02-01", "--only", "food") == "open"


def test_an_exemption_is_prolonged_as_it_is(folder: Path) -> None:
    prolonged: Said = {"later": ("2022-12-01", '{ type = "extend", exemption = "gl-8", last_day = 2023-05-31 }')}
    say(folder, SIDE_BY_SIDE | prolonged)
    found = ask(folder, "state", "ban", "--as-of", "2023-03-01", "--json").json
    assert "with a licence" in found["limits"]


def test_a_lifting_for_good_ends_the_exemptions_and_one_until_a_date_lets_them_sleep(folder: Path) -> None:
    again = '{ type = "impose", measure = "ban" }'
    lifted: Said = {"u-lifted": ("2022-05-01", '{ type = "lift", measure = "ban" }'), "v": ("2022-06-01", again)}
    say(folder, {**SIDE_BY_SIDE, **lifted})
    assert state(folder, "ban", "2022-07-01") == "in-force"
    until = '{ type = "lift", measure = "ban", last_day = 2022-05-31 }'
    say(folder, {"u-lifted": ("2022-05-01", until)})
    assert state(folder, "ban", "2022-07-01") == "eased"


def test_one_act_on_several_measures_counts_once(folder: Path) -> None:
    said: Said = {
        "both": ("2025-01-01", '{ type = "impose", measure = ["ban", "works"], from = 2025-02-01 }, '
                 '{ type = "stage", instrument = "deal", stage = "provisionally-applied" }'),
        "off": ("2025-01-15", '{ type = "reschedule", of = "both#1", from = 2025-03-01 }'),
    }  # fmt: skip
    say(folder, said)
    assert {state(folder, name, "2025-02-15") for name in ("ban", "works")} <= {"upcoming", "none"}
    assert [state(folder, name, "2025-03-01") for name in ("ban", "works")] == ["in-force", "in-force"]


def test_what_waits_for_an_event_asserts_nothing_until_it_gets_a_date(folder: Path) -> None:
    effect = '{ type = "impose", measure = "ban", from_event = "the second ratification" }'
    said: Said = {"decided": ("2025-01-01", effect)}
    say(folder, said)
    assert status(folder, "2025-06-01") == "presumed"
    say(folder, {"dated": ("2025-06-10", '{ type = "reschedule", of = "decided#1", from = 2025-07-01 }')})
    assert (status(folder, "2025-06-30"), status(folder, "2025-07-01")) == ("presumed", "closed")


def test_a_formality_bars_nobody(folder: Path) -> None:
    say(folder, {"fee": ("2025-01-01", '{ type = "impose", measure = "fee", amount = "158" }')})
    assert status(folder, "2025-06-01") == "presumed"
    assert state(folder, "fee", "2025-06-01") == "in-force"


@pytest.mark.parametrize("stage", ["provisionally-applied", "partly-in-force", "applicable", "expired", "annulled"])
def test_a_text_reaches_the_stages_of_the_field(stage: str, folder: Path) -> None:
    say(folder, {"stage": ("2025-01-01", f'{{ type = "stage", instrument = "deal", stage = "{stage}" }}')})
    found = ask(folder, "state", "deal", "--as-of", "2025-06-01", "--json").json
    assert found["stage"] == stage
