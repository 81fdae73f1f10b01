"""The digest of the derived state: alike on both databases, and pinned to its format."""

import json
from pathlib import Path

from tests.projections.conftest import NewUrl, run_sql
from tests.projections.samples import statements
from tests.store.samples import registry
from tracker.projections.derived_copy import DerivedCopy
from tracker.projections.state_digest import FORMAT, digest_of, rows
from tracker.services import audit, verification
from tracker.services.stores import refreshed
from tracker.store.event_store import open_store

DIGESTS = {1: "b484d9d905663527a0c49ce54a042184b6dd1dd1e9e367691adc379239b98606"}  # of the sample, by format


def test_other_rows_from_the_same_log_need_another_format(new_url: NewUrl) -> None:
    """Signed digests are compared with those of the same format: raise FORMAT, and put the sample's digest here."""
    url = new_url()
    with open_store(url) as store:
        store.load(registry(), statements())
        with DerivedCopy.beside(store, url) as copy:
            copy.advance(store.max_position())
            digest = digest_of(copy).hex()
            with copy.reading() as reader:
                plain = [json.loads(json.dumps(row)) for row in rows(reader)]
        with DerivedCopy.beside(store, url) as slowly:
            for position in range(1, store.max_position() + 1):
                slowly.advance(position)
            assert digest_of(slowly).hex() == digest
    assert [row[0] for row in plain[:2]] == ["registry", "registry"]
    assert "assertion" in {row[0] for row in plain}
    assert digest == DIGESTS[FORMAT]


def test_a_signed_digest_tells_what_was_derived(tmp_path: Path) -> None:
    url, key = str(tmp_path / "store.sqlite"), tmp_path / "key"
    audit.keygen(key, "example.org/record")
    with open_store(url) as store:
        store.load(registry(), statements())
        refreshed(url, store)
    run_sql(url, "UPDATE tracker_registry SET content = replace(content, 'prohibited', 'limited')")
    note = audit.checkpoint(url, key)
    found = verification.verify(url, notes=[note])
    assert [one.message.split(",")[0] for one in found.findings] == ["tracker_registry"]  # not the digest: of the log
    assert "state" in found.checks
    [line] = [line for line in note.splitlines() if line.startswith("tracker-state/")]
    other = note.replace(line, f"{line[:-6]}AAAAA=")
    assert any("another digest" in one.message for one in verification.verify(url, notes=[other]).findings)
    later = verification.verify(url, notes=[note.replace("tracker-state/1", "tracker-state/9")])
    assert "format 9" in later.skipped[0]
    assert "tracker-state" not in audit.note(url, None)
    assert audit.note(url, key) == note
