"""Problems of announcements; each is on the line of its comment."""

from collections.abc import Callable

import pytest

from tracker.dataset.reader import DatasetFiles
from tracker.dataset.suggestions import nearest
from tracker.model.errors import Problem, Severity

AsMarked = Callable[[], None]
Read = Callable[[], tuple[DatasetFiles | None, tuple[Problem, ...]]]


def test_every_effect_can_be_written(as_marked: AsMarked) -> None:
    """
    --- 2025/x.toml
    announced = 2025-10-21
    summary = "All of them."
    by = [{ party = "AZ" }, { party = "TR" }, { party = "AM", name = "A. B.", office = "Minister" }]
    source = [{ publisher = "A paper" }]

    [[effect]]
    type = "impose"
    measure = "az-transit-bar"
    from = "[2025-10-01..2025-10-21]"
    last_day = 2025-10-21

    [[effect]]
    type = "extend"
    measure = "az-transit-bar"
    until = 2026-01-01T06:00:00+04:00

    [[effect]]
    type = "exempt"
    measure = "tr-closure"
    at = ["margara"]
    only = ["humanitarian aid"]
    direction = "AM>TR"
    modes = ["road"]
    from = 2025-10-21T12:00:00Z
    last_day = 2025-10-21

    [[effect]]
    type = "lift"
    measure = "az-transit-bar"

    [[effect]]
    type = "permit"
    measure = "am-permit"

    [[effect]]
    type = "revoke"
    measure = "am-permit"

    [[effect]]
    type = "impose"
    measure = "blockade"

    [[effect]]
    type = "readiness"
    at = "AM"
    party = "AM"
    modes = ["sea"]
    state = "absent"

    [[effect]]
    type = "pledge"
    pledge = "a-pledge"
    kind = "offer"
    parties = ["AM"]
    at = ["AM", "margara", "tr-closure", "treaty"]
    text = "Will do."
    due = "2026"

    [[effect]]
    type = "fulfil"
    pledge = "a-pledge"

    [[effect]]
    type = "withdraw"
    pledge = "a-pledge"

    [[effect]]
    type = "passage"
    at = "tr-am-az"
    mode = "road"
    traffic = "goods"
    direction = "AZ>TR"
    quantity = 12
    hs = "1001"

    [[effect]]
    type = "stage"
    instrument = "treaty"
    stage = "signed"
    party = "AM"

    [[effect]]
    type = "control"
    at = "margara"
    by = "RU"
    """
    as_marked()


def test_nothing_less_than_who_when_and_what(as_marked: AsMarked) -> None:
    """
    --- 2025/x.toml
    # <- `announced` is missing from this announcement && `summary` is missing && `by` is missing from this announcement
    --- 2025/y.toml
    announced = 2025-01-01
    summary = "x"
    source = [{ title = "x" }]  # <- `publisher` is missing from this [[source]]: add publisher = …
    [by]  # <- `by` is a list of tables: write [[by]], with two brackets on each side
    party = "AM"
    """
    as_marked()


def test_an_unknown_key_gets_the_nearest_one(as_marked: AsMarked) -> None:
    """
    [[effect]]
    type = "lift"
    mesure = "az-transit-bar"  # <- `mesure` is not a key of this [[effect]] of type "lift": did you mean `measure`?
    measure = "az-transit-bar"
    starts = 2025-10-01  # <- `starts` is not a key of this [[effect]] of type "lift": did you mean `from`?

    [[relation]]
    kind = "confirms"  # <- `kind` is not a key of this [[relation]]: its keys are announcement, note, type
    type = "confirm"  # <- `type` cannot be "confirm": did you mean "confirms"? it is one of answers, conditions
    announcement = "y"

    [[relation]]  # <- `type` is missing from this [[relation]]: add type = "confirms"
    announcement = "y"

    [[effect]]  # <- `by` is missing from this [[effect]] of type "control": add by = …
    type = "control"
    at = "margara"
    """
    as_marked()


def test_an_effect_has_one_of_our_types(as_marked: AsMarked) -> None:
    """
    [[effect]]  # <- `type` cannot be "lifts": did you mean "lift"? it is one of cancel, control, exempt
    type = "lifts"

    [[effect]]  # <- `type` is missing from this [[effect]]: add type = "lift"
    measure = "az-transit-bar"

    [[effect]]  # <- `type` cannot be 5
    type = 5
    """
    as_marked()


@pytest.mark.parametrize(
    ("word", "known", "guess"),
    [
        ("suspend", ("extend", "lift", "impose"), "lift"),
        ("Postpone", ("impose", "reschedule"), "reschedule"),
        ("exemt", ("exempt", "extend"), "exempt"),
        ("unready", ("ready", "works"), None),
        ("ratified", ("unratified",), None),
        ("suspend", ("suspended",), "suspended"),
    ],
)
def test_only_what_is_near_in_meaning_is_suggested(word: str, known: tuple[str, ...], guess: str | None) -> None:
    assert nearest(word, known) == guess


@pytest.mark.parametrize("kind", ["impose", "extend", "exempt", "lift", "permit", "revoke"])
def test_an_unknown_measure_gets_the_nearest_one(kind: str, write: Callable[[str, str], object], read: Read) -> None:
    from tests.dataset.conftest import HEAD, REGISTRY

    end = "only = ['x']\nlast_day = 2025-12-31\n" if kind == "exempt" else "last_day = 2025-12-31\n"
    write("registry/base.toml", REGISTRY)
    write("2025/x.toml", f'{HEAD}[[effect]]\ntype = "{kind}"\n{end}measure = "tr-closures"')
    _, problems = read()
    number = HEAD.count("\n") + 3 + end.count("\n")
    message = 'no measure "tr-closures" is registered: did you mean "tr-closure"?'
    assert [str(one) for one in problems] == [f"events/2025/x.toml:{number}: {message}"]


def test_unknown_ids_get_the_nearest_one(as_marked: AsMarked) -> None:
    """
    --- 2025/x.toml
    announced = 2025-10-21
    summary = "x"
    source = [{ publisher = "x" }]
    [[by]]
    party = "am"  # <- no party "am" is registered: did you mean "AM"?

    [[effect]]
    type = "readiness"
    at = "margarra"  # <- did you mean "margara"?
    party = "XX"  # <- no party "XX" is registered: registered are AM, AZ, RU, TR
    modes = ["road"]
    state = "ready"

    [[effect]]
    type = "stage"
    instrument = "treety"  # <- no instrument "treety" is registered: did you mean "treaty"?
    stage = "signed"

    [[effect]]
    type = "pledge"
    pledge = "open-it"
    kind = "promise"
    parties = ["AM", "A"]  # <- no party "A" is registered
    at = ["AM-XX"]  # <- did you mean
    text = "x"

    [[effect]]
    type = "fulfil"
    pledge = "open-if"  # <- no pledge "open-if" was announced: did you mean "open-it"?

    [[effect]]
    type = "passage"
    at = "AM-TR"
    mode = "road"
    traffic = "goods"
    origin = "RU"  # <- "RU" is a party, and a territory is expected here
    destination = "ZZ"  # <- no territory "ZZ" is registered

    [[relation]]
    type = "confirms"
    announcement = "yy"  # <- no announcement "yy" is known
    """
    as_marked()


def test_only_its_authority_changes_a_measure_by_its_word(as_marked: AsMarked) -> None:
    """
    [[effect]]
    type = "lift"
    measure = "tr-closure"  # <- tr-closure is a measure of TR, but AZ speaks here: add `basis = "reported"`

    [[effect]]
    type = "lift"
    measure = "tr-closure"
    basis = "reported"

    [[effect]]
    type = "lift"
    measure = "blockade"
    """
    as_marked()


def test_a_restriction_is_lifted_and_a_permission_revoked(as_marked: AsMarked) -> None:
    """
    [[effect]]
    type = "permit"  # <- `permit` does not fit az-transit-bar, which is a restriction: use impose, extend, exempt
    measure = "az-transit-bar"

    [[effect]]
    type = "lift"  # <- `lift` does not fit am-permit, which is a permission: use permit, extend or revoke
    basis = "reported"
    measure = "am-permit"

    [[effect]]
    type = "impose"
    level = "permitted"  # <- nothing is imposed at level "permitted": write prohibited or restricted, or use `lift`
    measure = "az-transit-bar"
    """
    as_marked()


def test_an_end_comes_after_its_start(as_marked: AsMarked) -> None:
    """
    [[effect]]
    type = "impose"
    measure = "az-transit-bar"
    from = 2025-11-01
    last_day = 2025-10-31  # <- `last_day = 2025-10-31` is not after `from = 2025-11-01`: mend one of them

    [[effect]]
    type = "extend"
    measure = "az-transit-bar"
    until = 2025-10-21T00:00:00+04:00  # <- is not after its start, 2025-10-21, when it was announced

    [[effect]]
    type = "extend"
    measure = "az-transit-bar"
    until = 2025-10-21T00:00:01+04:00

    [[effect]]
    type = "lift"
    measure = "az-transit-bar"
    from = "2025"
    last_day = "[2024-12-31..2025-01-01]"
    """
    as_marked()


def test_a_period_has_one_end(as_marked: AsMarked) -> None:
    """
    [[effect]]  # <- this [[effect]] of type "lift" has both `last_day` (inclusive) and `until` (exclusive): keep one
    type = "lift"
    measure = "az-transit-bar"
    until = 2026-01-01T06:00:00+04:00
    last_day = 2025-12-31

    [[effect]]  # <- this [[effect]] of type "extend" extends to no end: give `last_day` or `until`
    type = "extend"
    measure = "az-transit-bar"
    """
    as_marked()


def test_dates_are_dates(as_marked: AsMarked) -> None:
    """
    --- 2025/a.toml
    announced = "20240102"  # <- `announced`: "20240102" is not a date the tracker reads: write a day (2025-10-27), or
    summary = 5  # <- `summary` cannot be 5: write text in double quotes
    by = [{ party = "AM" }]

    [[source]]
    publisher = "x"
    published = 20240102  # <- `published` cannot be 20240102: write a day (2025-10-27)
    accessed = 2024-01-02T10:00:00Z  # <- has an hour: only a day is expected here
    --- 2025/b.toml
    announced = 2025-10-21T10:00:00  # <- `announced`: 2025-10-21T10:00:00 lacks its offset: write e.g.
    summary = "x"
    by = [{ party = "AM" }]

    [[effect]]
    type = "lift"
    measure = "tr-closure"
    from = 12:30:00  # <- `from` cannot be 12:30:00: write a day
    until = 2026-01-01  # <- `until`: 2026-01-01 is a day, not an instant: write one with its offset

    [[effect]]
    type = "lift"
    measure = "tr-closure"
    from = true  # <- `from` cannot be true: write a day
    until = "2026-01-01T06:00"  # <- `until`: "2026-01-01T06:00" is not an instant

    [[effect]]
    type = "lift"
    measure = "tr-closure"
    from = 0001-01-01  # <- `from`: year 1..1 is outside 1000..9000: check the date
    last_day = "9999-12-30~"  # <- is not in the calendar
    --- 2025/c.toml
    announced = 2025-02-30  # <- is not TOML, column 1
    """
    as_marked()


def test_a_pledge_is_about_some_traffic(as_marked: AsMarked) -> None:
    """
    --- 2025/x.toml
    announced = 2025-01-01
    summary = "A promise."
    by = [{ party = "AM" }]
    source = [{ publisher = "A paper" }]

    [[effect]]
    type = "pledge"
    pledge = "open"
    kind = "promise"
    parties = ["AM"]
    text = "Open."
    traffic = []  # <- `traffic` is an empty list, which would mean none at all: leave the key out to mean all
    """
    as_marked()


def test_values_of_the_wrong_type_are_not_bent_into_shape(as_marked: AsMarked) -> None:
    """
    --- 2025/x.toml
    announced = 2025-01-01
    summary = ""  # <- `summary` cannot be "": write some text
    source = [1]  # <- `source` cannot be 1: write a table, such as { publisher = "…" }
    by = [{ party = "AM", name = ["x"] }]  # <- `name` cannot be a list: write text

    [[effect]]
    type = "passage"
    at = "AM-TR"
    mode = "road"
    traffic = "goods"
    quantity = "12"  # <- `quantity` cannot be "12": write a number, without quotes
    hs = 1001  # <- `hs` cannot be 1001: write text
    none = "no"  # <- `none` cannot be "no": write true or false, without quotes

    [[effect]]
    type = "passage"
    at = "AM-TR"
    mode = "road"
    traffic = "goods"
    quantity = -1  # <- `quantity` cannot be -1: write more than 0
    hs = "10.01"  # <- write an HS code of 2 to 10 digits
    """
    as_marked()


def test_a_number_must_be_one_that_can_be_recorded(as_marked: AsMarked) -> None:
    """
    [[effect]]
    type = "passage"
    quantity = nan  # <- nan is not a number that can be recorded

    [[effect]]
    quantity = -inf  # <- -inf is not a number that can be recorded

    [[effect]]
    quantity = 0xffffffffffffffffffffffffffff  # <- is not a number that can be recorded
    """
    as_marked()


def test_a_lane_exists(as_marked: AsMarked) -> None:
    """
    [[effect]]
    type = "exempt"
    measure = "az-transit-bar"
    only = ["x"]
    traffic = ["people"]  # <- az-transit-bar covers goods only, so people is free of it anyway
    direction = "AZ>AM"  # <- a territory has none
    origin = []  # <- `origin` is an empty list, which would mean none at all: leave the key out to mean all

    [[effect]]
    type = "exempt"
    measure = "tr-closure"
    basis = "reported"
    only = ["x"]
    modes = ["sea"]  # <- AM-TR has no sea: its modes are air, rail, road

    [[effect]]
    type = "exempt"
    measure = "tr-closure"
    basis = "reported"
    only = ["x"]
    at = ["margara"]
    modes = ["rail"]  # <- margara has no rail: its modes are road

    [[effect]]
    type = "passage"
    at = "az-am-nx"
    mode = "air"  # <- az-am-nx has no air: its modes are rail, road
    traffic = "goods"
    direction = "AZ-NX>AZ"  # <- "AZ-NX>AZ" is not a direction of az-am-nx: write "AZ>AZ-NX"

    [[effect]]
    type = "passage"
    at = "AM"  # <- "AM" is a territory, and a border, crossing or corridor is expected here
    mode = "road"
    traffic = "goods"

    [[effect]]
    type = "readiness"
    at = "margara"
    party = "AM"
    modes = ["rail"]  # <- margara has no rail
    state = "ready"
    """
    as_marked()


def test_each_thing_has_its_own_effects(as_marked: AsMarked) -> None:
    """
    [[effect]]
    type = "control"
    at = "tr-am-az"  # <- "tr-am-az" is a corridor, and a crossing or border is expected here
    by = "RU"

    [[effect]]
    type = "readiness"
    at = "tr-closure"  # <- "tr-closure" is a measure, and a territory, border, crossing or corridor is expected here
    party = "AM"
    modes = ["road"]
    state = "ready"

    [[effect]]
    type = "stage"
    instrument = "treaty"
    stage = "signed"
    party = "TR"  # <- TR is not a party to treaty: its parties are AM, AZ

    [[relation]]
    type = "repeats"
    announcement = "x"  # <- x cannot relate to itself: name another announcement
    """
    as_marked()


def test_a_pledge_is_made_once(as_marked: AsMarked) -> None:
    """
    --- 2025/x.toml
    announced = 2025-01-01
    summary = "x"
    by = [{ party = "AM" }]
    source = [{ publisher = "x" }]
    [[effect]]
    type = "pledge"
    pledge = "open-it"
    kind = "promise"
    parties = ["AM"]
    text = "x"
    --- 2025/a.toml
    announced = 2025-01-02
    summary = "x"
    by = [{ party = "AM" }]
    source = [{ publisher = "x" }]
    [[effect]]
    type = "pledge"
    pledge = "open-it"  # <- pledge open-it was already made in x: choose another id, or use a [[relation]]
    kind = "promise"
    parties = ["AM"]
    text = "x"
    """
    as_marked()


@pytest.mark.usefixtures("files")
def test_an_announcement_without_a_source_gets_a_warning(read: Read) -> None:
    """
    --- 2025/x.toml
    announced = 2025-01-01
    summary = "x"
    by = [{ party = "AM" }]
    """
    found, problems = read()
    assert [(one.severity, str(one)) for one in problems] == [
        (Severity.WARNING, "events/2025/x.toml:1: no source: add a [[source]] with at least its publisher")
    ]
    assert found is not None
    assert [one.id for one in found.statements] == ["x"]


@pytest.mark.usefixtures("files")
def test_statements_come_in_the_order_in_which_they_were_made(read: Read) -> None:
    """
    --- 2025/b.toml
    announced = "2025"
    summary = "some day in 2025"
    by = [{ party = "AM" }]
    --- 2025/z.toml
    announced = 2025-03-01
    summary = "x"
    by = [{ party = "AM" }]
    --- 2025/a.toml
    announced = 2025-03-01
    corrects = "z"
    reason = "on the same day"
    replace = { summary = "y" }
    --- 2025/y.toml
    announced = 2025-02-28T20:00:00Z
    summary = "the first instant of 1 March, here"
    by = [{ party = "AM" }]
    """
    found, _ = read()
    assert found is not None
    assert [one.id for one in found.statements] == ["y", "z", "a", "b"]


def test_a_file_is_in_the_folder_of_its_year(as_marked: AsMarked) -> None:
    """
    --- 2024/x.toml
    announced = 2025-01-01  # <- announced 2025-01-01 does not belong in 2024/: move the file to 2025/
    summary = "x"
    by = [{ party = "AM" }]
    source = [{ publisher = "x" }]
    --- 2020/y.toml
    announced = "[2020-12-31..2021-01-01]"
    summary = "x"
    by = [{ party = "AM" }]
    source = [{ publisher = "x" }]
    --- 2021/y.toml
    announced = "[2020-12-31..2021-01-01]"  # <- y is already the id of events/2020/y.toml: rename this file
    """
    as_marked()


def test_the_id_is_the_name_of_the_file(as_marked: AsMarked) -> None:
    """
    --- 2025/x.toml
    announced = 2025-01-01
    id = "x"  # <- `id` is not a key of a statement: its id is the name of the file
    summary = "x"
    by = [{ party = "AM" }]
    source = [{ publisher = "x" }]
    --- 2025/аз.toml
    announced = 2025-01-01  # <- the name of the file, which gives the id, cannot be "аз", as it has the letter \\u0430
    summary = "x"
    by = [{ party = "AM" }]
    """
    as_marked()
