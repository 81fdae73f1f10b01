"""Problems of registry files; each is on the line of its comment."""

from collections.abc import Callable

import pytest

from tracker.dataset.reader import DatasetFiles
from tracker.model.errors import Problem, Severity

AsMarked = Callable[[], None]
Read = Callable[[], tuple[DatasetFiles | None, tuple[Problem, ...]]]


@pytest.mark.usefixtures("files")
def test_the_small_registry_has_no_problems(read: Read) -> None:
    """
    --- registry/more.toml
    [party.GE]
    name = "Georgia"
    kind = "state"
    aliases = ["Sakartvelo"]

    [territory.GE]
    name = "Georgia"
    authority = "GE"
    transit = "open"
    aliases = ["Sakartvelo"]

    [border.AM-GE]
    between = ["GE", "AM"]
    modes = ["road", "rail"]
    crossings = "all"

    [crossing.bagratashen]
    border = "AM-GE"
    modes = ["road"]
    names.en = "Bagratashen"
    location = [44, 41.25]
    """
    found, problems = read()
    assert problems == ()
    assert found is not None
    assert {"bagratashen", "margara"} == set(found.registry.crossings)
    assert str(found.locations["crossing", "bagratashen"].at("names", "en")) == "events/registry/more.toml:20"


def test_a_border_has_all_or_some_of_its_crossings_registered(as_marked: AsMarked) -> None:
    """
    --- registry/more.toml
    [border.AZ-TR]
    between = ["AZ", "TR"]
    modes = ["road"]
    crossings = "most"  # <- `crossings` cannot be "most": it is one of all, some
    """
    as_marked()


@pytest.mark.usefixtures("files")
def test_a_border_with_crossings_that_does_not_say_so_is_warned_of(read: Read) -> None:
    """
    --- registry/more.toml
    [border.AZ-AZ-NX]
    between = ["AZ", "AZ-NX"]
    modes = ["road"]

    [crossing.pass]
    border = "AZ-AZ-NX"
    modes = ["road"]
    names.en = "The pass"
    """
    found, problems = read()
    assert found is not None
    assert [(str(each.location), each.severity) for each in problems] == [
        ("events/registry/more.toml:1", Severity.WARNING)
    ]
    assert problems[0].message == (
        'border AZ-AZ-NX has registered crossing points (pass): write crossings = "all" if there are no others, '
        'or crossings = "some", which is what counts now'
    )


def test_an_unknown_key_gets_the_nearest_one(as_marked: AsMarked) -> None:
    """
    --- registry/more.toml
    [party.GE]
    name = "Georgia"
    kinds = "state"  # <- `kinds` is not a key of [party.GE]: did you mean `kind`?
    kind = "state"

    [measure.x]
    title = "X"
    authority = "AM"
    kind = "restriction"
    level = "prohibited"
    [measure.x.scope]
    at = ["AM"]
    destinations = ["AZ"]  # <- `destinations` is not a key of the scope of [measure.x]: did you mean `destination`?
    """
    as_marked()


def test_a_missing_key_is_named(as_marked: AsMarked) -> None:
    """
    --- registry/more.toml
    [territory.GE]  # <- `authority` is missing from [territory.GE]: add authority = …
    name = "Georgia"

    [border.AM-GE]  # <- `modes` is missing from [border.AM-GE]: add modes = ["road"]
    between = ["AM", "GE"]
    """
    as_marked()


def test_the_id_and_the_kind_are_in_the_header_only(as_marked: AsMarked) -> None:
    """
    --- registry/more.toml
    [party.GE]
    id = "GE"  # <- `id` is not a key of [party.GE]: its id is in the header
    type = "party"  # <- `type` is not a key of [party.GE]: its kind is in the header
    name = "Georgia"
    kind = "state"
    """
    as_marked()


def test_a_table_must_be_one_of_ours(as_marked: AsMarked) -> None:
    """
    --- registry/more.toml
    [borders.AM-GE]  # <- `borders` is not a table of the registry: did you mean [border.…]?
    modes = ["road"]

    [[corridor]]  # <- `corridor` is a list: write each corridor as a table of its own, [corridor.<id>]
    name = "x"

    [instrument]
    title = "A text"  # <- `title` is "A text", not a table: write [instrument.title]
    """
    as_marked()


def test_values_of_the_wrong_type_are_not_bent_into_shape(as_marked: AsMarked) -> None:
    """
    --- registry/more.toml
    [party.GE]
    name = 5  # <- `name` cannot be 5: write text in double quotes, name = "…"
    kind = true  # <- `kind` cannot be true: it is one of bloc, de-facto-authority
    aliases = "Sakartvelo"  # <- `aliases` cannot be "Sakartvelo": write a list in brackets, aliases = ["…"]

    [corridor.x]
    name = 2025-01-01  # <- `name` cannot be 2025-01-01: write text
    path = ["AM", "AZ"]
    modes = ["raod"]  # <- `modes` cannot be "raod": did you mean "road"? it is one of air, pipeline, rail, road, sea
    two_way = "yes"  # <- `two_way` cannot be "yes": write true or false, without quotes

    [corridor.y]
    name = "y"
    path = "AM"  # <- `path` cannot be "AM": write a list
    modes = []  # <- `modes` cannot be an empty list: put at least 1 into it
    two_way = 0  # <- `two_way` cannot be 0: write true or false

    [crossing.z]
    border = "AM-TR"
    modes = ["road"]
    names = { english = "Z" }  # <- write a language code of two or three small letters
    location = ["44", 91]  # <- `location` cannot be "44": write a number && `location` cannot be 91: write 90.0 or less
    """
    as_marked()


def test_an_id_of_another_alphabet_is_refused(as_marked: AsMarked) -> None:
    """
    --- registry/more.toml
    [party."АM"]  # <- as it has the letter \\u0410 (CYRILLIC CAPITAL LETTER A): write letters a-z or A-Z
    name = "Look-alike"
    kind = "state"

    [territory.GE]
    name = "Georgia"
    authority = "A\u200dM"  # <- `authority` cannot be "A\\u200dM", as it has the letter \\u200d (ZERO WIDTH JOINER)
    """
    as_marked()


def test_one_id_is_one_thing(as_marked: AsMarked) -> None:
    """
    --- registry/more.toml
    [crossing.tr-closure]  # <- tr-closure is already the id of the measure at events/registry/base.toml:40
    border = "AM-TR"
    modes = ["road"]
    names.en = "X"

    [party.treaty]  # <- treaty is already the id of the instrument at
    name = "A party named like a text"
    kind = "group"

    [border.AM-AZ]  # <- AM-AZ is already the id of the border at events/registry/base.toml:19
    between = ["AM", "AZ"]
    modes = ["road"]
    """
    as_marked()


def test_an_alias_is_of_one_thing(as_marked: AsMarked) -> None:
    """
    --- registry/more.toml
    [instrument.x]
    title = "X"
    aliases = [
        "X",
        "türkiye",  # <- alias "türkiye" of x already means party TR: keep it for one of them
        "MARGARA",  # <- alias "MARGARA" of x already means crossing margara
    ]
    """
    as_marked()


def test_a_border_is_between_two_territories_and_named_after_them(as_marked: AsMarked) -> None:
    """
    --- registry/more.toml
    [border.TR-AM]  # <- the border between AM and TR is called AM-TR && AM-TR is already the border between TR and AM
    between = ["TR", "AM"]
    modes = ["road"]

    [border.TR-TR]
    between = ["TR", "TR"]  # <- border TR-TR has TR on both sides: name two territories

    modes = ["road"]
    [border.AM-XX]
    between = ["AM", "XX"]  # <- no territory "XX" is registered: registered are AM, AZ, AZ-NX, TR; add a new one as
    modes = ["road"]
    """
    as_marked()


def test_a_crossing_has_what_its_border_has(as_marked: AsMarked) -> None:
    """
    --- registry/more.toml
    [crossing.akhurik]
    border = "AM-TR"
    modes = ["rail", "sea"]  # <- akhurik has sea, but not its border AM-TR, which has air, rail, road
    names.en = "Akhurik"

    [crossing.lost]
    border = "AM-RT"  # <- no border "AM-RT" is registered: did you mean "AM-TR"?
    modes = ["rail"]
    names.en = "Lost"

    [crossing.odd]
    border = "margara"  # <- "margara" is a crossing, and a border is expected here
    modes = ["rail"]
    names.en = "Odd"
    """
    as_marked()


def test_a_corridor_runs_over_borders_and_their_crossings(as_marked: AsMarked) -> None:
    """
    --- registry/more.toml
    [corridor.a]
    name = "A"
    path = [
        "AZ",
        "margara",  # <- crossing margara is on AM-TR, not between AZ and AM: mend the path of a
        "AM",
    ]
    modes = ["road"]

    [corridor.b]
    name = "B"
    path = ["TR", "AZ"]  # <- no border between TR and AZ is registered: add [border.AZ-TR] or mend the path
    modes = ["road"]

    [corridor.c]
    name = "C"
    path = ["TR", "margara", "AM", "AZ"]
    modes = ["road", "rail"]  # <- c has rail, but not its crossing margara, which has road: take it out here

    [corridor.d]
    name = "D"
    path = ["margara", "margera", "AM"]  # <- did you mean "margara"? && begins and ends in a territory
    modes = ["road"]

    [corridor.e]
    name = "E"
    path = ["TR", "AM-TR", "AM"]  # <- "AM-TR" is a border, and a territory or crossing is expected here
    modes = ["road"]

    [corridor.f]
    name = "F"
    path = ["AM", "TR", "AM"]  # <- corridor f ends where it begins, in AM
    modes = ["road"]
    """
    as_marked()


def test_the_scope_of_a_measure_exists(as_marked: AsMarked) -> None:
    """
    --- registry/more.toml
    [measure.a]
    title = "A"
    authority = "GE"  # <- no party "GE" is registered
    kind = "restriction"
    level = "permitted"  # <- restriction a cannot have level "permitted": write prohibited or restricted

    [measure.a.scope]
    at = ["AM-AZ"]
    direction = "TR>AM"  # <- "TR>AM" is not a direction of AM-AZ: write "AM>AZ" or "AZ>AM"
    modes = [
        "rail",
        "sea",  # <- AM-AZ has no sea: its modes are rail, road
    ]
    regime = "transit"  # <- `regime = "transit"` is about a territory, and `at` names none

    [measure.b]
    title = "B"
    authority = "AM"
    kind = "permission"
    level = "restricted"  # <- permission b has level "restricted": write level = "permitted"
    scope = { at = ["AM", "tr-closure"] }  # <- "tr-closure" is a measure, and a territory, border, crossing or corridor

    [measure.c]
    title = "C"
    authority = "AM"
    kind = "restriction"
    level = "prohibited"
    scope = { at = ["AM-TR"], modes = ["sea"], traffic = [] }  # <- AM-TR has no sea && `traffic` is an empty list

    [measure.d]
    title = "D"
    authority = "AM"
    kind = "restriction"
    level = "prohibited"
    scope = { at = ["az-am-nx"], direction = "AZ-NX>AZ" }  # <- not a direction of az-am-nx: write "AZ>AZ-NX"

    [measure.e]
    title = "E"
    authority = "AM"
    kind = "restriction"
    level = "prohibited"
    scope = { at = ["AM"], direction = "AM>AZ" }  # <- is not a direction of AM: a territory has none

    [measure.f]
    title = "F"
    authority = "AM"
    kind = "restriction"
    level = "prohibited"
    scope = { at = ["AM"], direction = "AM to AZ" }  # <- write two territories with ">" between them, e.g. "TR>AM"
    """
    as_marked()


def test_what_refers_to_a_broken_entry_is_not_blamed_too(as_marked: AsMarked) -> None:
    """
    --- registry/more.toml
    [party.GE]
    kind = "state"
    nam = "Georgia"  # <- did you mean `name`?
    name = 1  # <- write text

    [territory.GE]
    name = "Georgia"
    authority = "GE"
    """
    as_marked()


def test_a_file_that_is_not_toml_hides_no_other_problems_and_makes_none(as_marked: AsMarked) -> None:
    """
    --- registry/more.toml
    [party.GE]
    name = Georgia  # <- is not TOML, column 8: Invalid value. Mend the line; text goes in double quotes
    --- registry/other.toml
    [territory.GE]
    name = "Georgia"
    authority = "GE"
    typ = "?"  # <- `typ` is not a key of [territory.GE]
    """
    as_marked()


def test_a_table_stands_once(as_marked: AsMarked) -> None:
    """
    --- registry/more.toml
    [party.GE]
    name = "Georgia"
    kind = "state"
    [party.GE]  # <- [party.GE] stands twice in this file: join the two, or give one another id
    name = "Georgia"
    """
    as_marked()


def test_a_member_and_one_in_charge_are_tables(as_marked: AsMarked) -> None:
    """
    --- registry/more.toml
    [party.pact]
    name = "The pact"
    kind = "bloc"
    members = ["AM"]  # <- `members` cannot be "AM": write a table, such as { party = "AM" }
    [territory.GE]
    name = "Georgia"
    authority = ["AM"]  # <- `authority` cannot be "AM": write a table, such as { party = "AM", from = 2021-07-14 }
    """
    as_marked()
