"""The relation between announcements and what they concern."""

from pathlib import Path

import pytest

from tests.dataset.records import ROOT
from tests.queries.lists import PLEDGE, banks, clocks, effect, related, said
from tracker.dataset.reader import read_dataset
from tracker.model.errors import UnknownSubject
from tracker.queries.about import about, ids_about
from tracker.queries.announcements import AnnouncementFilter, announcements
from tracker.queries.feeds import feed
from tracker.state.record import Record


def concerned(folder: Path, text: str) -> set[str]:
    """The ids that an announcement concerns."""
    view = banks(folder, one=text).view
    return set(about(view, view.contents["one"][1]))


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        (said(), set()),
        (said('about = ["shippers"]'), {"shippers"}),
        (said('about = ["NO-IS"]'), {"NO-IS", "NO"}),
        (said('about = ["MI-SO"]'), {"MI-SO", "MI", "SO"}),
        (said('about = ["bridge"]'), {"bridge", "MI-NO", "MI", "NO"}),
        (said('about = ["way"]'), {"way", "MI-NO", "MI-SO", "NO", "MI", "SO"}),
        (said('about = ["treaty"]'), {"treaty", "NO", "SO"}),
        (said(rest=effect('type = "impose"\nmeasure = "ban"\nbasis = "reported"')), {"ban", "MI", "MI-SO", "SO", "NO"}),
        (said(rest=effect('type = "impose"\nmeasure = "isle-ban"\nbasis = "reported"')), {"isle-ban", "NO-IS", "NO"}),
        (
            said(rest=effect('type = "exempt"\nmeasure = "isle-ban"\ndestination = ["!SO"]\nbasis = "reported"')),
            {"isle-ban", "NO-IS", "NO", "SO"},
        ),
        (said(rest=effect('type = "stage"\ninstrument = "treaty"\nstage = "signed"')), {"treaty", "NO", "SO"}),
        (
            said(rest=effect('type = "passage"\nat = "bridge"\nmode = "road"\ntraffic = "goods"\norigin = "SO"')),
            {"bridge", "MI-NO", "MI", "NO", "SO"},
        ),
        (
            said(
                rest=effect('type = "readiness"\nat = "MI-SO"\nparty = "shippers"\nmodes = ["road"]\nstate = "ready"')
            ),
            {"MI-SO", "MI", "SO", "shippers"},
        ),
        (
            said(rest=effect(PLEDGE)),
            {"opening", "SO", "bridge", "MI-NO", "MI", "NO"},
        ),
    ],
)
def test_an_announcement_concerns_what_it_names_and_what_that_implies(text: str, ids: set[str], tmp_path: Path) -> None:
    assert concerned(tmp_path, text) == ids


def test_the_end_of_a_pledge_concerns_the_places_of_the_pledge(tmp_path: Path) -> None:
    view = banks(
        tmp_path,
        made=said(rest=effect(PLEDGE)),
        kept=said(rest=effect('type = "fulfil"\npledge = "opening"'), month=2),
    ).view
    assert about(view, view.contents["kept"][1]) == about(view, view.contents["made"][1])


def test_a_relation_reaches_one_step_and_no_further(tmp_path: Path) -> None:
    record = banks(
        tmp_path,
        claim=said('about = ["bridge"]'),
        denial=said(rest=related("denies", "claim"), month=2),
        welcome=said('about = ["shippers"]', related("welcomes", "denial"), month=3),
    )
    view = record.view
    assert about(view, view.contents["denial"][1]) == about(view, view.contents["claim"][1])
    assert about(view, view.contents["welcome"][1]) == {"shippers"}


def test_what_a_denial_denies_is_unknown_before_it_was_said(tmp_path: Path) -> None:
    """A relation may name a later announcement; by an earlier clock that one concerns nothing yet."""
    record = banks(tmp_path, early=said(rest=related("conditions", "late")), late=said('about = ["treaty"]', month=2))
    view = record.view
    known = record.at(view.known._replace(announced_by=view.contents["early"][0].order))
    assert about(view, view.contents["early"][1]) == {"treaty", "NO", "SO"}
    assert about(known, known.contents["early"][1]) == set()


def test_a_list_about_a_crossing_has_no_statement_about_the_corridor_over_it(tmp_path: Path) -> None:
    record = banks(tmp_path, on_bridge=said('about = ["bridge"]'), on_way=said('about = ["way"]', month=2))

    def names(subject: str) -> list[str]:
        return [answer.id for answer in announcements(record, clocks(record), AnnouncementFilter(about=subject))]

    assert names("bridge") == ["on-bridge"]
    assert names("way") == ["on-way"]
    assert names("MI-NO") == names("NO") == ["on-bridge", "on-way"]
    assert names("MI-SO") == names("SO") == ["on-way"]


def test_an_id_of_a_party_and_a_territory_means_both(tmp_path: Path) -> None:
    record = banks(tmp_path, isle=said('about = ["NO-IS"]'), mainland=said('about = ["NO"]', month=2))
    wanted = AnnouncementFilter(about="northland")
    assert [answer.id for answer in announcements(record, clocks(record), wanted)] == ["isle", "mainland"]


def test_a_pledge_can_be_asked_for(record: Record) -> None:
    view = record.view
    key = next(
        key for _, content in view.contents.values() for key in about(view, content) if key == "friendship-bridge-2018"
    )
    assert ids_about(view, key) == {key}


@pytest.mark.parametrize("name", ["nowhere", "Narnia", "", "–"])
def test_a_name_that_is_not_registered_is_an_error(name: str, record: Record) -> None:
    with pytest.raises(UnknownSubject, match="is registered as"):
        ids_about(record.view, name)


def test_names_in_about_are_registered(tmp_path: Path) -> None:
    banks(tmp_path)
    (tmp_path / "2031" / "wrong.toml").write_text(said('about = ["bridge", "brige"]'), encoding="utf-8")
    [problem] = read_dataset(tmp_path)[1]
    assert problem.location.line == 3
    assert 'did you mean "bridge"?' in problem.message


def test_every_statement_of_the_record_concerns_something(record: Record) -> None:
    view = record.view
    assert [key for key, (_, content) in view.contents.items() if not about(view, content)] == []


def test_answers_lists_and_feeds_agree_on_the_record(record: Record) -> None:
    view, at = record.view, clocks(record, "2026-05-31")
    every = announcements(record, at, AnnouncementFilter())
    for key in (*view.registry.with_state, *view.registry.territories, *view.registry.parties):
        listed = [answer.id for answer in announcements(record, at, AnnouncementFilter(about=key))]
        assert listed == [answer.id for answer in every if key in answer.about], key
        fed = [entry.announcement for entry in feed(record, at, key, 1000) if entry.kind == "announcement"]
        assert sorted(map(str, fed)) == sorted(set(listed) & set(map(str, fed))), key
        assert len(fed) == len([one for one in listed if view.contents[one][0].order <= at.as_of]), key


def test_the_record_has_titles_and_kinds(record: Record) -> None:
    files, _ = read_dataset(ROOT / "events")
    assert files is not None
    contents = [content for _, content in record.view.contents.values()]
    assert all(content.title for content in contents)
    assert all(source.kind for content in contents for source in content.source)
