"""Corrections and retractions; each problem is on the line of its comment, in the file that corrects."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.dataset.conftest import HEAD
from tracker.dataset.existing import StatementList
from tracker.dataset.reader import DatasetFiles, read_statements
from tracker.model.announcement import Announcement
from tracker.model.errors import Problem

AsMarked = Callable[[], None]
Read = Callable[[], tuple[DatasetFiles | None, tuple[Problem, ...]]]


def test_a_correction_and_a_retraction_of_what_was_said_before(as_marked: AsMarked) -> None:
    """
    --- 2025/x.toml
    announced = 2025-01-01
    summary = "x"
    by = [{ party = "AM" }]
    source = [{ publisher = "x" }]
    note = "y"
    --- 2025/x-corrected.toml
    corrects = "x"
    announced = 2025-01-02
    reason = "It was Azerbaijan."
    remove = ["note"]
    [[replace.by]]
    party = "AZ"
    [[replace.effect]]
    type = "lift"
    measure = "az-transit-bar"
    from = 2025-01-01
    --- 2025/x-retracted.toml
    retracts = "x"
    announced = 2025-01-03T00:00:00+04:00
    reason = "It was nobody."
    by = [{ party = "AZ" }]
    """
    as_marked()


def test_what_is_corrected_is_known(as_marked: AsMarked) -> None:
    """
    --- 2025/first.toml
    announced = 2025-01-01
    summary = "x"
    by = [{ party = "AM" }]
    source = [{ publisher = "x" }]
    --- 2025/a.toml
    corrects = "frist"  # <- no announcement "frist" is known: did you mean "first"?
    announced = 2025-01-02
    reason = "x"
    replace = { summary = "y" }
    --- 2025/b.toml
    retracts = "other"  # <- no announcement "other" is known: write the name of its file, without .toml
    announced = 2025-01-02
    reason = "x"
    [[by]]
    party = "XX"  # <- no party "XX" is registered
    """
    as_marked()


def test_only_an_original_is_corrected(as_marked: AsMarked) -> None:
    """
    --- 2025/x.toml
    announced = 2025-01-01
    summary = "x"
    by = [{ party = "AM" }]
    source = [{ publisher = "x" }]
    --- 2025/a.toml
    corrects = "x"
    announced = 2025-01-02
    reason = "x"
    replace = { summary = "y" }
    --- 2025/b.toml
    corrects = "a"  # <- a is not an original announcement: name x again
    announced = 2025-01-03
    reason = "x"
    replace = { summary = "z" }
    --- 2025/c.toml
    retracts = "a"  # <- a is not an original announcement: name x again
    announced = 2025-01-03
    reason = "x"
    --- 2025/d.toml
    announced = 2025-01-03
    summary = "x"
    by = [{ party = "AM" }]
    source = [{ publisher = "x" }]
    [[relation]]
    type = "confirms"
    announcement = "a"  # <- a only corrects or retracts x: name x itself
    """
    as_marked()


def test_a_correction_comes_after_its_original(as_marked: AsMarked) -> None:
    """
    --- 2025/x.toml
    announced = "[2025-01-01..2025-01-03]"
    summary = "x"
    by = [{ party = "AM" }]
    source = [{ publisher = "x" }]
    --- 2025/a.toml
    corrects = "x"
    announced = 2025-01-02  # <- announced 2025-01-02, before what it corrects ([2025-01-01..2025-01-03])
    reason = "x"
    replace = { summary = "y" }
    --- 2025/b.toml
    retracts = "x"
    announced = 2025-01-03
    reason = "x"
    """
    as_marked()


def test_a_correction_changes_something_but_never_the_id(as_marked: AsMarked) -> None:
    """
    --- 2025/x.toml
    announced = 2025-01-01
    summary = "x"
    by = [{ party = "AM" }]
    source = [{ publisher = "x" }]
    note = "z"
    --- 2025/a.toml
    # <- this correction changes nothing: add a [replace] table with the corrected keys, or `remove`
    corrects = "x"
    announced = 2025-01-02
    reason = "x"
    --- 2025/b.toml
    corrects = "x"
    announced = 2025-01-02
    reason = "x"
    remove = [
        "notes",  # <- x has no key "notes" to remove: did you mean "note"?
        "note",  # <- `note` is both replaced and removed: keep one
    ]
    [replace]
    note = "y"
    id = "y"  # <- the id of x cannot be corrected: leave `id` out
    """
    as_marked()


def test_what_a_correction_makes_is_checked_like_an_announcement(as_marked: AsMarked) -> None:
    """
    --- 2025/x.toml
    announced = 2025-01-01
    summary = "x"
    by = [{ party = "AZ" }]
    source = [{ publisher = "x" }]
    [[effect]]
    type = "lift"
    measure = "az-transit-bar"
    --- 2025/a.toml
    corrects = "x"
    announced = 2025-01-02
    reason = "x"
    [replace]
    summry = "y"  # <- `summry` is not a key of x, as corrected: did you mean `summary`?
    summary = 5  # <- `summary` cannot be 5: write text in double quotes
    --- 2025/b.toml
    corrects = "x"
    announced = 2025-01-03
    reason = "x"
    replace = { summry = "", summary = "z" }  # <- `summry` is not a key
    --- 2025/y.toml
    announced = 2025-01-01
    summary = "x"
    by = [{ party = "AZ" }]
    source = [{ publisher = "x" }]
    --- 2025/c.toml
    corrects = "y"
    announced = 2025-01-02
    reason = "x"
    [[replace.by]]
    party = "XX"  # <- no party "XX" is registered
    [[replace.effect]]
    type = "lift"
    measure = "tr-closure"  # <- tr-closure is a measure of TR, but XX speaks here: add `basis = "reported"`
    [[replace.effect]]
    type = "lift"
    measure = "tr-closures"  # <- no measure "tr-closures" is registered: did you mean "tr-closure"?
    """
    as_marked()


def test_a_mistake_of_the_original_is_not_blamed_on_its_correction(as_marked: AsMarked) -> None:
    """
    --- 2025/x.toml
    announced = 2025-01-01
    summary = "x"
    by = [{ party = "AZ" }]
    source = [{ publisher = "x" }]
    [[relation]]
    type = "confirms"
    announcement = "y"  # <- no announcement "y" is known
    --- 2025/a.toml
    corrects = "x"
    announced = 2025-01-02
    reason = "x"
    replace = { summary = "y" }
    """
    as_marked()


def test_a_patch_has_days_and_instants_as_a_file_has(as_marked: AsMarked) -> None:
    """
    --- 2025/x.toml
    announced = 2025-01-01
    summary = "x"
    by = [{ party = "AZ" }]
    source = [{ publisher = "x" }]
    --- 2025/a.toml
    corrects = "x"
    announced = 2025-01-02
    reason = "x"
    [replace]
    announced = 2025-01-01T10:00:00  # <- 2025-01-01T10:00:00 lacks its offset: write e.g. 2025-01-01T10:00:00+04:00
    [[replace.effect]]
    type = "lift"
    measure = "az-transit-bar"
    from = 10:00:00  # <- 10:00:00 is an hour without a day: write e.g. 2026-01-01T10:00:00+04:00
    --- 2025/b.toml
    corrects = "x"
    announced = 2025-01-02
    reason = "x"
    [[replace.effect]]
    type = "lift"
    measure = "az-transit-bar"
    from = "20240102"  # <- `from`: "20240102" is not a date the tracker reads
    """
    as_marked()


def test_what_was_taken_out_is_blamed_on_the_key_that_did_so(as_marked: AsMarked) -> None:
    """
    --- 2025/x.toml
    announced = 2025-01-01
    summary = "x"
    by = [{ party = "AZ" }]
    source = [{ publisher = "x" }]
    --- 2025/a.toml
    corrects = "x"
    announced = 2025-01-02
    reason = "x"
    remove = ["by"]  # <- `by` is missing from x, as corrected
    """
    as_marked()


def test_a_retracted_pledge_can_be_made_elsewhere(as_marked: AsMarked) -> None:
    """
    --- 2025/x.toml
    announced = 2025-01-01
    summary = "x"
    by = [{ party = "AM" }]
    source = [{ publisher = "x" }]
    effect = [{ type = "pledge", pledge = "p", kind = "offer", parties = ["AM"], text = "x" }]
    --- 2025/y.toml
    announced = 2025-01-01
    summary = "x"
    by = [{ party = "AM" }]
    source = [{ publisher = "x" }]
    effect = [{ type = "pledge", pledge = "p", kind = "offer", parties = ["AM"], text = "x" }]
    --- 2025/z.toml
    retracts = "x"
    announced = 2025-01-02
    reason = "x was y"
    """
    as_marked()


@pytest.mark.usefixtures("files")
def test_new_files_are_checked_against_what_is_known(read: Read, here: Path) -> None:
    """
    --- 2025/x.toml
    announced = 2025-01-01
    summary = "x"
    by = [{ party = "AM" }]
    source = [{ publisher = "x" }]
    effect = [{ type = "pledge", pledge = "p", kind = "offer", parties = ["AM"], text = "x" }]
    """
    known, _ = read()
    assert known is not None
    (here / "good.toml").write_text(HEAD + '[[effect]]\ntype = "fulfil"\npledge = "p"\n')
    (here / "bad.toml").write_text(HEAD + '[[relation]]\ntype = "confirms"\nannouncement = "other"\n')
    (here / "broken.toml").write_text("announced")
    paths = [here / "good.toml", here / "bad.toml", here / "broken.toml", here / "missing.toml"]
    new, locations, problems = read_statements(paths, known.registry, StatementList(known.statements))
    assert [one.id for one in new] == ["bad", "good"]
    assert str(locations["statement", "good"].at("effect", 0)) == "good.toml:5"
    assert [str(one).split(". ")[0] for one in problems] == [
        'bad.toml:7: no announcement "other" is known: write the name of its file, without .toml',
        "broken.toml:1: is not TOML at the end of the file: Expected '=' after a key in a key/value pair",
        "missing.toml: cannot be read: No such file or directory",
    ]


@pytest.mark.usefixtures("files")
def test_a_statement_that_is_known_already_may_be_given_again(read: Read, here: Path) -> None:
    """
    --- 2025/x.toml
    announced = 2025-01-01
    summary = "x"
    by = [{ party = "AM" }]
    source = [{ publisher = "x" }]
    effect = [{ type = "pledge", pledge = "p", kind = "offer", parties = ["AM"], text = "x" }]
    """
    known, _ = read()
    assert known is not None
    new, _, problems = read_statements([here / "events/2025/x.toml"], known.registry, StatementList(known.statements))
    assert (new, problems) == (known.statements, ())


@pytest.mark.usefixtures("files")
def test_a_correction_that_comes_late_must_leave_later_ones_valid(read: Read, here: Path) -> None:
    """
    --- 2025/x.toml
    announced = 2025-01-01
    summary = "x"
    by = [{ party = "AZ" }]
    source = [{ publisher = "x" }]
    effect = [{ type = "impose", measure = "az-transit-bar", from = 2025-01-01 }]
    --- 2025/b.toml
    corrects = "x"
    announced = 2025-01-03
    reason = "x"
    replace = { by = [{ party = "AM" }], effect = [] }
    """
    known, problems = read()
    assert known is not None
    assert problems == ()
    (here / "a.toml").write_text('corrects = "x"\nannounced = 2025-01-02\nreason = "r"\nreplace = { source = 1 }')
    _, _, problems = read_statements([here / "a.toml"], known.registry, StatementList(known.statements))
    assert [str(one) for one in problems] == [
        "a.toml:1: with b, which comes later: `source` is a list of tables: write [[source]], "
        "with two brackets on each side",
        "a.toml:4: `source` is a list of tables: write [[source]], with two brackets on each side",
    ]
    assert isinstance(known.statements[0], Announcement)
