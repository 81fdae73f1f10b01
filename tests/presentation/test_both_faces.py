"""The command line and the pages write dates, lanes and clocks alike."""

from collections.abc import Callable

import pytest

Printed = Callable[..., str]
Page = Callable[[str], str]


def test_an_uncertain_last_day_is_the_day_itself(printed: Printed, page: Page) -> None:
    """
    --- 2030/mistaken.toml
    retracts = "northland-closes"
    announced = 2030-10-01
    reason = "It never did."
    --- 2030/said.toml
    announced = 2030-11-01
    [[effect]]
    type = "impose"
    measure = "closure"
    last_day = "[2030-12-31..2031-01-01]"
    """
    shown = "through 2030-12-31/2031-01-01"
    at = "2030-12-01"
    for words in (
        printed("why", "closure", "--as-of", at),
        page(f"/subjects/closure?as_of={at}"),
        page(f"/subjects/bridge?as_of={at}"),
        page(f"/announcements/said?as_of={at}"),
    ):
        assert shown in words.replace("Through", "through")
        assert "through 2031-01-01" not in words
    assert "2030-12-31/2031-01-01" in printed("state", "closure", "--as-of", at)


@pytest.mark.parametrize("at", ["2031-03-21", "2031-03-22"])
def test_a_label_claims_no_lane_that_is_not_in_the_group(printed: Printed, page: Page, at: str) -> None:
    """
    --- 2031/opens.toml
    announced = 2031-03-20
    [[effect]]
    type = "lift"
    measure = "closure"
    --- 2031/seen.toml
    announced = 2031-03-21
    by = [{ party = "press" }]
    [[effect]]
    type = "passage"
    at = "north-south"
    mode = "road"
    traffic = "goods"
    on = 2031-03-21
    cargo = "wheat"
    direction = "north>south"
    [[effect]]
    type = "passage"
    at = "north-south"
    mode = "road"
    traffic = "goods"
    on = 2031-03-21
    cargo = "wheat"
    direction = "south>north"
    [[effect]]
    type = "passage"
    at = "north-south"
    mode = "rail"
    traffic = "people"
    on = 2031-03-21
    cargo = "pilgrims"
    direction = "north>south"
    """
    lanes = ["road · goods · both ways", "rail · people · north>south"]
    table = printed("state", "north-south", "--as-of", at)
    assert all(words in table for words in (*lanes, "operating"))
    every = "&mode=road,rail&traffic=goods,people"
    pages = [
        f"/?view=table&as_of={at}{every}",
        f"/?view=timelines&as_of={at}{every}",
        f"/subjects/north-south?as_of={at}",
    ]
    for words in (
        printed("history", "north-south"),
        printed("diff", "2031-03-20", at, "--subject", "north-south"),
        *map(page, pages),
        page(f"/difference?before_as_of=2031-03-20&as_of={at}"),
        page("/announcements/seen"),
    ):
        for label in lanes:
            assert label in words
        assert "road+rail · goods+people · both ways" not in words


def test_clocks_are_named_alike(printed: Printed, page: Page) -> None:
    everything = "as of 2030-06-01 · everything known today"
    assert everything in printed("why", "bridge", "--as-of", "2030-06-01")
    assert everything in page("/subjects/bridge?as_of=2030-06-01")
    limited = "as of 2030-06-01 · announced by 2030-01-15 · recorded by 1000"
    limits = ("--announced-by", "2030-01-15", "--recorded-by", "1000")
    assert limited in printed("state", "bridge", "--as-of", "2030-06-01", *limits)
    assert limited in page("/subjects/bridge?as_of=2030-06-01&announced_by=2030-01-15&recorded_by=1000")
