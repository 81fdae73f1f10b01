"""`why`, `history`, `diff`, `replay`, `announcements`, `show`, `promises`: what people read."""

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Ran, Run, run


def words(ran: Ran) -> str:
    """The output without its lay-out."""
    assert ran.code == 0, ran.err
    return " ".join(ran.out.split())


def in_order(text: str, *parts: str) -> bool:
    """Whether the parts stand in a text, one behind the other."""
    return re.search(".*?".join(re.escape(part) for part in parts), text, re.DOTALL) is not None


def test_why_goes_along_the_path_and_marks_what_stands_in_the_way(run_cli: Run) -> None:
    out = words(run_cli("why", "great-road", "--direction", "north>south", "--as-of", "2030-06-01"))
    assert in_order(out, "north", "bridge", "prohibited ◀ stands in the way", "declared", "2030-01-01", "permitted")
    assert out.count("◀") == 1
    assert in_order(
        out, "Sources [1] 2030-01-01 · north, N. North (President) · northland-closes", "The Bugle, “=Closed”"
    )


def test_why_turns_the_path_round_with_the_direction(run_cli: Run) -> None:
    there = run_cli("why", "great-road", "--direction", "north>south", "--as-of", "2030-06-01").out
    back = run_cli("why", "great-road", "--direction", "south>north", "--as-of", "2030-06-01").out
    assert there.index("\nnorth") < there.index("\nsouth")
    assert back.index("\nsouth") < back.index("\nnorth")


def test_why_folds_two_ways_along_one_chain(run_cli: Run) -> None:
    out = run_cli("why", "bridge", "--as-of", "2030-06-01").out
    assert "all lanes (road · goods+people): closed since 2030-01-01" in out


def test_why_tells_of_changes_ahead_that_had_been_announced(run_cli: Run) -> None:
    """
    announced = 2031-03-20
    [[effect]]
    type = "lift"
    measure = "closure"
    from = 2031-05-01
    """
    before, after = (words(run_cli("why", "bridge", "--as-of", day)) for day in ("2031-03-19", "2031-03-20"))
    assert "Ahead" not in before
    assert "Ahead 2031-05-01: open" in after


def test_why_tells_of_measures_and_texts(run_cli: Run) -> None:
    """
    announced = 2031-03-20
    [[effect]]
    type = "stage"
    instrument = "treaty"
    stage = "initialled"
    """
    measure = words(run_cli("why", "closure", "--as-of", "2030-06-01"))
    assert in_order(measure, "in-force, prohibited since 2030-01-01 [1]", "Authority Northland", "At north-south")
    assert "initialled since 2031-03-20 [1]" in words(run_cli("why", "treaty", "--as-of", "2031-04-01"))
    assert "no stage announced" in words(run_cli("why", "treaty", "--as-of", "2031-03-19"))


def test_why_in_json_has_the_path_and_the_citations(run_cli: Run) -> None:
    found = run_cli("why", "great-road", "--as-of", "2030-06-01", "--json").json
    assert [station["place"] for station in found["path"]] == ["north", "bridge", "south"]
    cited = found["citations"]["northland-closes"]
    assert (cited["announced"], cited["by"][0]["name"]) == ("2030-01-01", "N. North")
    assert cited["sources"][0]["url"] == "https://example.org/closed"
    assert found["parties"] == {"north": "Northland", "south": "Southland"}


def test_why_and_show_give_notes_on_sources_and_what_corrected_a_statement(run_cli: Run) -> None:
    """
    --- 2031/said.toml
    announced = 2031-03-20
    source = [{ publisher = "North Daily", note = "gives no hour" }]
    [[effect]]
    type = "lift"
    measure = "closure"
    --- 2031/mended.toml
    corrects = "said"
    announced = 2031-04-01
    reason = "It was said a day earlier."
    source = [{ publisher = "North Gazette", url = "https://example.org/gazette" }]
    [replace]
    announced = 2031-03-19
    """
    correction = ("(mended): It was said a day earlier.", "North Gazette", "https://example.org/gazette")
    why = words(run_cli("why", "bridge", "--as-of", "2031-04-02"))
    assert in_order(why, "North Daily – gives no hour", "corrected 2031-04-01", *correction)
    shown = words(run_cli("show", "said", "--as-of", "2031-04-02"))
    assert in_order(shown, "North Daily – gives no hour", "announced 2031-04-01: mended", *correction[1:])
    before = words(run_cli("why", "bridge", "--as-of", "2031-04-02", "--announced-by", "2031-03-31"))
    assert "North Daily" in before
    assert "mended" not in before


def test_an_address_is_never_broken(real: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    ran = real("why", "tr-am-az", "--as-of", "2025-10-28")
    cited = json.loads(real("why", "tr-am-az", "--as-of", "2025-10-28", "--json").out)["citations"]
    urls = [each["url"] for each in cited["turkey-closes-border-with-armenia"]["sources"] if each["url"]]
    assert urls
    assert all(url in ran.out for url in urls)


def test_history_shows_last_days_and_folds_lanes_with_one_history(run_cli: Run) -> None:
    """
    announced = 2031-03-20
    [[effect]]
    type = "exempt"
    measure = "closure"
    from = 2031-03-21
    last_day = 2031-03-31
    only = ["humanitarian aid only"]
    """
    out = words(run_cli("history", "bridge"))
    assert "2031-03-21 – 2031-03-31 restricted: said" in out
    assert "closed but for humanitarian aid" in out
    assert "since 2031-04-01 closed" in out
    assert out.count("all lanes (road · goods+people)") == 1
    changes = run_cli("history", "bridge", "--json").json["lanes"][0]["changes"]
    assert [change["until"] for change in changes] == ["2030-01-01", "2031-03-21", "2031-04-01", None]


def test_history_marks_what_held_then(run_cli: Run) -> None:
    assert "since 2030-01-01 closed ◀ then" in words(run_cli("history", "bridge", "--as-of", "2030-06-01"))
    assert "◀" not in words(run_cli("history", "bridge"))


def test_diff_shows_what_changed(run_cli: Run) -> None:
    """
    announced = 2031-03-20
    [[effect]]
    type = "lift"
    measure = "closure"
    """
    out = words(run_cli("diff", "2031-03-19", "2031-03-20"))
    assert "from 2031-03-19 to 2031-03-20" in out
    assert in_order(out, "bridge", "road · goods+people · both ways", "closed → open")
    assert in_order(out, "closure", "in-force → lifted")
    assert "Nothing changed." in words(run_cli("diff", "2030-06-01", "2030-06-02"))


def test_diff_known_shows_what_was_learned_about_a_date(run_cli: Run) -> None:
    """
    announced = 2031-03-20
    [[effect]]
    type = "lift"
    measure = "closure"
    from = 2031-03-01
    """
    asked = ("diff", "--known", "2031-03-10", "2031-03-31", "--as-of", "2031-03-05")
    assert in_order(words(run_cli(*asked)), "by 2031-03-10 and by 2031-03-31 · as of 2031-03-05", "closed → open")
    found = run_cli(*asked, "--json").json
    assert (found["before"]["announced_by"], found["after"]["announced_by"]) == ("2031-03-10", "2031-03-31")
    assert (found["before"]["as_of"], found["after"]["as_of"]) == ("2031-03-05", "2031-03-05")


def test_replay_shows_only_what_changes_from_the_first_instant_to_the_last(run_cli: Run) -> None:
    """
    announced = 2031-03-20
    [[effect]]
    type = "lift"
    measure = "closure"
    """
    out = words(run_cli("replay", "--from", "2031-03-20", "--to", "2031-03-20"))
    assert out.startswith("2031-03-20 north-south")
    assert "closure: in-force → lifted" in out
    assert "Nothing changed." in words(run_cli("replay", "--from", "2031-03-21", "--to", "2031-03-22"))
    assert len(run_cli("replay", "--to", "2031-03-20", "--json").json) == 3
    assert len(run_cli("replay", "--to", "2031-03-20", "--step", "event", "--subject", "closure", "--json").json) == 2


def test_announcements_are_found_by_what_they_are(run_cli: Run) -> None:
    """
    announced = 2031-03-20
    summary = "A stone was laid."
    by = [{ party = "press" }]
    """

    def found(*options: str) -> list[str]:
        return [each["id"] for each in run_cli("announcements", *options, "--json").json]

    assert found() == ["northland-closes", "southland-permits", "said"]
    assert found("--party", "south") == found("--type", "permit") == found("--about", "leave") == ["southland-permits"]
    assert found("--from", "2030-02-01", "--to", "2030-02-01") == ["southland-permits"]
    assert found("--text", "STONE") == found("--type", "none") == ["said"]
    assert found("--source", "example.org") == ["northland-closes"]
    assert in_order(
        words(run_cli("announcements")), "3 announcements", "2031-03-20 press none A stone was laid. (said)"
    )


def test_announcements_are_found_by_what_they_concern(run_cli: Run) -> None:
    """
    announced = 2031-03-20
    title = "The bridge gets a stone"
    summary = "A stone was laid."
    by = [{ party = "press" }]
    source = [{ publisher = "The Bugle", kind = "press" }]
    about = ["bridge"]
    """

    def found(*options: str) -> list[str]:
        return [each["id"] for each in run_cli("announcements", *options, "--json").json]

    assert found("--about", "the BRIDGE") == ["said"]
    assert found("--about", "north-south") == found("--about", "Southland") == found()
    assert found("--text", "stone long-bridge") == found("--text", "laid bugle") == ["said"]
    assert found("--party", "The Press") == ["said"]
    assert in_order(words(run_cli("announcements")), "2031-03-20 press none The bridge gets a stone (said)")
    assert in_order(words(run_cli("show", "said")), "The bridge gets a stone", "A stone was laid.", "The Bugle, press")


def test_an_unknown_name_is_an_error_and_no_empty_list(run_cli: Run) -> None:
    for options in (("announcements", "--about"), ("announcements", "--party"), ("promises", "--party")):
        ran = run_cli(*options, "nothern")
        assert ran.code == 2
        assert "is registered as 'nothern': did you mean north" in ran.err


def test_show_has_every_version(run_cli: Run) -> None:
    ran = run_cli("show", "northland-closes", "--as-of", "2030-06-01")
    out = words(ran)
    assert in_order(out, "northland-closes", "Northland closed its border.", "By north, N. North (President)")
    assert in_order(out, "1. impose", "measure closure", "declared", "decides now", "1 version", "digest")


def test_show_tells_of_a_retraction(run_cli: Run) -> None:
    """
    --- 2031/opens.toml
    announced = 2031-03-20
    [[effect]]
    type = "lift"
    measure = "closure"
    --- 2031/opens-not.toml
    retracts = "opens"
    announced = 2031-03-25
    reason = "A hoax."
    """
    out = words(run_cli("show", "opens"))
    assert in_order(out, "Retracted", "2 versions", "1. recorded", "2. retracted", "because: A hoax.")
    before = run_cli("show", "opens", "--announced-by", "2031-03-21", "--json").json
    assert (len(before["versions"]), before["announcement"]["retracted"]) == (1, False)


def test_promises_have_lags(run_cli: Run) -> None:
    """
    --- 2031/promised.toml
    announced = 2031-03-01
    [[effect]]
    type = "pledge"
    pledge = "pave-it"
    kind = "promise"
    parties = ["north"]
    at = ["bridge"]
    text = "Pave it."
    due = 2031-03-31
    --- 2031/done.toml
    announced = 2031-04-10
    [[effect]]
    type = "fulfil"
    pledge = "pave-it"
    """
    assert "overdue by 5 days" in words(run_cli("promises", "--as-of", "2031-04-05"))
    done = words(run_cli("promises", "--as-of", "2031-05-01"))
    assert "fulfilled 2031-04-10 after 40 days, 10 days late (pave-it)" in done
    assert done.endswith("1 pledge: 1 fulfilled")
    assert run_cli("promises", "--party", "south", "--json").json == []
    assert run_cli("promises", "--status", "overdue", "--as-of", "2031-04-05", "--json").json[0]["overdue_days"] == 5


COMMANDS = (
    ("why", "tr-am-az", "--mode", "road", "--as-of", "2025-10-28"), ("history", "margara"),
    ("diff", "2025-10-20", "2025-11-10"), ("promises",), ("announcements",),
    ("show", "aliyev-lifts-transit-to-armenia"), ("replay", "--from", "2020-01-01"), ("history",),
    ("why", "az-land-closure"), ("why", "zurich-protocols"),
)  # fmt: skip


@pytest.mark.parametrize("width", [80, 120, 160])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_page_of_the_record_fits(
    real: Run, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    ran = real(*command)
    assert ran.code == 0
    assert "\x1b" not in ran.out
    lines = [line for line in ran.out.splitlines() if "://" not in line]
    assert max(map(len, lines)) <= width
    assert not [line for line in lines if line.endswith(" ")]


def test_why_calls_parties_by_their_names(run_cli: Run) -> None:
    """
    announced = 2031-03-20
    by = [{ party = "south" }]
    [[effect]]
    type = "pledge"
    pledge = "open-it"
    kind = "offer"
    parties = ["north", "south"]
    at = ["bridge", "treaty"]
    text = "Open it."
    [[effect]]
    type = "control"
    at = "bridge"
    by = "south"
    [[effect]]
    type = "stage"
    instrument = "treaty"
    stage = "ratified"
    party = "north"
    """
    bridge = words(run_cli("why", "bridge", "--as-of", "2031-04-01"))
    assert "offer of Northland, Southland: Open it." in bridge
    assert "Staffed by Southland since 2031-03-20" in bridge
    treaty = words(run_cli("why", "treaty", "--as-of", "2031-04-01"))
    assert "offer of Northland, Southland: Open it." in treaty
    assert "Northland ratified since 2031-03-20" in treaty


def test_show_says_stored_only_of_what_is(run_cli: Run, dataset: Path, tmp_path: Path) -> None:
    from_files = run_cli("show", "northland-closes").out
    assert "read from files, not stored" in from_files
    assert "stored at position" not in from_files
    store = str(tmp_path / "record.sqlite")
    run("--store", store, "load", str(dataset), "--by", "Ada")
    assert re.search(r"stored at position \d+, .* UTC by Ada", run("--store", store, "show", "northland-closes").out)
