"""Addresses of webhooks: those inside private networks are refused, however they are written."""

import asyncio
import ipaddress
import socket
from typing import Any

import pytest

from tracker.webhooks.addresses import ForbiddenTarget, is_public, resolve


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "::1", "::", "fe80::1", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::",
        "ff02::1", "240.0.0.1", "192.0.2.1",
        # what Python 3.11 calls global: a network's own NAT64, the forms that only wrap an address of IPv4, site-local
        # addresses, and what IANA keeps for documentation and protocols
        "64:ff9b:1::7f00:1", "::7f00:1", "::ffff:0:7f00:1", "::5efe:7f00:1", "2a01::5efe:7f00:1", "fec0::1", "3fff::1",
        "5f00::1", "192.0.0.8", "192.88.99.1", "2002:a9fe:a9fe::1", "2001:0:53aa:64c::80ff:fffe",
    ],
)  # fmt: skip
def test_addresses_that_only_the_server_can_reach_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "64:ff9b::101:101"])
def test_addresses_of_the_internet_are(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


def test_a_name_that_leads_elsewhere_the_second_time_is_only_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: what was checked is what is connected to."""
    answers = ["93.184.216.34", "127.0.0.1"]

    async def answer(*_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers.pop(0), 443))]

    async def ask() -> Any:
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", answer)
        return await resolve("https://rebinding.example/hook", private=False)

    endpoint = asyncio.run(ask())
    assert endpoint.url == "https://93.184.216.34:443/hook"
    assert endpoint.host_header == "rebinding.example"


def test_a_name_with_one_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async def answer(*_: Any, **__: Any) -> list[Any]:
        return [(2, 1, 6, "", (address, 443)) for address in ("93.184.216.34", "10.0.0.1")]

    async def ask() -> Any:
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", answer)
        return await resolve("https://both.example/", private=False)

    with pytest.raises(ForbiddenTarget):
        asyncio.run(ask())


@pytest.mark.parametrize(
    "url", ["ftp://example.org/", "http://user:pw@example.org/", "http:///x", "file:///etc/passwd"]
)
def test_only_plain_web_addresses_are_targets(url: str) -> None:
    with pytest.raises(ForbiddenTarget):
        asyncio.run(resolve(url, private=True))


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "0", "[::]", "[::ffff:7f00:1]", "[::1]"],
)
def test_no_spelling_of_this_machine_is_a_target(host: str) -> None:
    with pytest.raises((ForbiddenTarget, OSError)):
        asyncio.run(resolve(f"http://{host}:8000/hook", private=False))
