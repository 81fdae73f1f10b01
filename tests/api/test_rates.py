"""How often somebody may ask: the bucket, and who counts as one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.api.clients import client_of
from tracker.api.middleware.rate_limit import MINUTE, RateLimiter


@given(
    per_minute=st.integers(1, 20),
    pauses=st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=120),
)
def test_law_no_span_lets_more_pass_than_a_burst_and_the_even_rate(per_minute: int, pauses: list[float]) -> None:
    now = 0.0
    limiter = RateLimiter(per_minute, clock=lambda: now)
    passed: list[float] = []
    for pause in pauses:
        now += pause
        if not limiter.wait("a"):
            passed.append(now)
    for first, begin in enumerate(passed):
        for count, end in enumerate(passed[first:], start=1):
            assert count <= per_minute + (end - begin) * per_minute / MINUTE + 1e-6


@given(per_minute=st.integers(1, 50), before=st.integers(0, 100))
def test_law_who_waits_as_long_as_told_may_pass(per_minute: int, before: int) -> None:
    now = 0.0
    limiter = RateLimiter(per_minute, clock=lambda: now)
    for _ in range(before):
        limiter.wait("a")
    now += limiter.wait("a")
    assert before < per_minute or now > 0
    assert limiter.wait("a") == 0.0 or before < per_minute


def test_one_does_not_use_up_the_other_and_nought_is_no_limit() -> None:
    limiter = RateLimiter(1, clock=lambda: 0.0)
    assert [bool(limiter.wait(who)) for who in "aabb"] == [False, True, False, True]
    assert not any(RateLimiter(0).wait("a") for _ in range(1000))


def test_only_so_many_are_remembered() -> None:
    limiter = RateLimiter(1, clock=lambda: 0.0, max_clients=2)
    for who in "abc":
        limiter.wait(who)
    assert len(limiter) == 2
    assert not limiter.wait("a")  # evicted, so its bucket is empty again
    assert limiter.wait("c")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("testclient", "testclient", True),
    ],
)
def test_a_household_of_ipv6_counts_as_one(one: str, other: str, same: bool) -> None:
    assert (client_of({"client": (one, 1)}) == client_of({"client": (other, 2)})) is same
    assert client_of({"client": None}) == ""
