"""Web addresses of sources: no user names, and a warning of letters that look like others."""

import pytest

from tracker.dataset.addresses import address_findings
from tracker.model.announcement import Source
from tracker.model.errors import Severity


@pytest.mark.parametrize(
    ("address", "severity", "words"),
    [
        ("https://oc-media.org/a?b=@c", None, ""),
        ("https://мид.рф/новости", None, ""),
        ("https://日本のニュース.example/", None, ""),
        ("https://xn--80aswg.example/", None, ""),
        ("https://tass.ru@evil.example/", Severity.ERROR, "evil.example: leave out all up to the @"),
        ("https://user:secret@tass.ru/", Severity.ERROR, "user name"),
        ("https://tаss.ru/", Severity.WARNING, "cyrillic and latin"),
        ("https://[::1/", Severity.ERROR, "cannot be read"),
    ],
)
def test_an_address_is_whose_it_seems_to_be(address: str, severity: Severity | None, words: str) -> None:
    sources = (Source(publisher="A"), Source(publisher="B", archived_url=address))
    findings = list(address_findings(sources))
    assert [(finding.path, finding.severity) for finding in findings] == (
        [(("source", 1, "archived_url"), severity)] if severity else []
    )
    assert all(words in finding.message and "secret" not in finding.message for finding in findings)
