"""How bad a status is, as a number that dashboards and the API tell."""

from tracker.state.status import SEVERITY


def test_from_traffic_that_is_seen_to_a_border_that_is_closed() -> None:
    best_first = ["operating", "open", "presumed", "restricted", "unready", "one-sided", "unverified", "closed"]
    assert sorted(SEVERITY, key=SEVERITY.__getitem__) == best_first
    assert sorted(SEVERITY.values()) == [0, 1, 2, 3, 5, 6, 7, 8]
