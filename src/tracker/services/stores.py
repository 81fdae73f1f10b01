"""Stores: where the record is, by flags, environment and tracker.toml; how it is opened and kept up to date."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tracker.model.errors import BadRequest

if TYPE_CHECKING:  # the store's libraries are imported by those who open one, and the settings where no flag decides
    from tracker.settings import Settings
    from tracker.store.event_store import EventStore

Say = Callable[[str], None]


class Origin(NamedTuple):
    """Where answers come from: a folder of files, or else a store, which may be read at its replica."""

    events: Path | None
    store: str
    replica: str | None


def default_store() -> str:
    """The store where none is named: a file in the user's data folder."""
    from platformdirs import user_data_path

    return str(user_data_path("tracker") / "record.sqlite")


def resolve(
    *, events: Path | None = None, store: str | None = None, replica: str | None = None, ignore_events: bool = False
) -> Origin:
    """Where answers come from: flags over the environment over tracker.toml over the user's own store.

    A flag that names a store leaves out the files that are set elsewhere, and the replica of the usual store.
    Args: ignore_events: for what needs a store; `events` is not read then.
    Raises: BadRequest where both files and a store are set, or a setting is not right.
    """
    if events is not None and store is not None:
        raise BadRequest("--events answers from files and --store from a store: give one of them")
    if events is not None or store is not None:
        return Origin(events, store or default_store(), replica)
    from tracker.settings import texts_in_force

    folder, store, replica = texts_in_force(("events", "store", "replica"), {"replica": replica})
    return _origin(None if ignore_events or folder is None else Path(folder), store, replica)


def origin_of(settings: "Settings") -> Origin:
    """Where the answers of a server come from.

    Raises: BadRequest where both files and a store are set.
    """
    return _origin(settings.events, settings.store, settings.replica)


def _origin(events: Path | None, store: str | None, replica: str | None) -> Origin:
    if events is not None and store is not None:
        raise BadRequest(
            "both `events`, a folder of files, and `store` are set (`tracker config` shows where): take one away, "
            "or give --events or --store"
        )
    return Origin(events, store or default_store(), replica)


@contextmanager
def open_for_reading(url: str) -> "Iterator[EventStore]":
    """A store that exists.

    Raises: StoreUnavailable where there is none, and what the store raises.
    """
    from tracker.store.errors import StoreUnavailable
    from tracker.store.event_store import open_store

    if url == default_store() and not Path(url).exists():
        raise StoreUnavailable("there is no store yet: any question makes one, or `tracker load DIR`")
    with closing(open_store(url, create=False)) as store:
        yield store


@contextmanager
def open_for_writing(url: str) -> "Iterator[EventStore]":
    """A store, made where there is none; so is the folder of the user's own.

    Raises: what the store raises.
    """
    from tracker.store.event_store import open_store

    if url == default_store():
        Path(url).parent.mkdir(parents=True, exist_ok=True)
    with closing(open_store(url)) as store:
        yield store


def up_to_date(url: str, say: Say) -> str:
    """The address of a store, with its tables brought up to its log; the user's own is filled on first use.

    The views for SQL are left to writers, as no question is answered from them.
    Raises: what the store raises, DatasetErrors.
    """
    from tracker.projections.load import is_current

    if not is_current(url):
        with open_for_writing(url) as store:
            if store.max_position() == 0:
                _fill(url, store, say)
            refreshed(url, store, views=False)
    return url


def _fill(url: str, store: "EventStore", say: Say) -> None:
    """Load the default dataset into the user's own store. Raises: BadRequest, if it is any other store."""
    from tracker.services.datasets import default_dataset, read_files

    if url != default_store():
        raise BadRequest(f"store {url} is empty: fill it with `tracker --store {url} load DIR`")
    say(f"First use: recording the dataset that comes with the program in {url}")
    files, _ = read_files(default_dataset())
    store.load(files.registry, files.statements)


def where_to_read(url: str, say: Say, replica: str | None = None) -> str:
    """The address of a store whose tables hold the log: its own, or its replica's.

    Raises: what the store raises, DatasetErrors.
    """
    if replica is None:
        return up_to_date(url, say)
    from tracker.projections import replica as replicas

    replicas.check_replica(url, replica)
    return replicas.where_to_read(url, replica, lambda: up_to_date(url, say), say)


def refreshed(url: str, store: "EventStore", *, views: bool = True) -> None:
    """Bring the tables of a store up to its log, and the views for SQL up to the tables.

    Args: views: if false, only where there are none: tables of an older version are dropped together with their views.
    Raises: what the store raises.
    """
    from tracker.projections.load import has_views
    from tracker.projections.refresh import refresh

    refresh(url, store)
    if views or not has_views(url):
        bring_up_views(url)


def bring_up_views(url: str) -> None:
    """Bring the views for SQL up to the tables of a store.

    Raises: what the store raises.
    """
    from tracker.projections.sql_views.refresh import derive

    derive(url)
