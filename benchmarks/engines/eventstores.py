"""Event-sourcing libraries: a stream for each track, an event for each assertion, replayed and folded for an answer.

They keep no columns and no intervals, so that a question about all tracks reads and decodes every event. The fold
itself is a few comparisons. Each library is loaded through its own writer, many events to a call where it allows that.
"""

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import numpy as np
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import Tracking
from eventsourcing.projection import Projection, ProjectionRunner
from eventsourcing.sqlite import SQLiteTrackingRecorder
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Session, clsregistry

from engines import COLUMNS, Clustered, Ints, NotHere
from tracker.model.dates import Instant
from tracker.timeline.knowledge import Known

Said = tuple[int, ...]  # place, and the columns


def holds(said: Said, at: Instant, known: Known) -> bool:
    """Whether an assertion is known, and covers the instant."""
    _, begins, ends, announced_from, announced_to, recorded_from, recorded_to = said
    return (
        begins <= at < ends
        and announced_from <= known.announced_by < announced_to
        and recorded_from <= known.recorded_by < recorded_to
    )


def last(said: Iterable[Said], at: Instant, known: Known) -> int:
    """The place of the one that decides; -1 where none does."""
    return max((each[0] for each in said if holds(each, at, known)), default=-1)


def streams(data: Clustered) -> Iterator[tuple[int, list[Said]]]:
    """The assertions of each track that has any."""
    for track, rows in groupby(data.rows(), key=itemgetter(0)):
        yield track, [row[1:] for row in rows]


# eventsourcing


class Track(Aggregate):
    """What was said of one thing."""

    @event("Opened")
    def __init__(self, number: int) -> None:
        self.number = number
        self.said: list[Said] = []

    @event("Said")
    def say(self, number: int, said: list[int]) -> None:  # noqa: ARG002 (goes into the event)
        self.said.append(tuple(said))

    @staticmethod
    def create_id(number: int) -> UUID:
        return uuid5(NAMESPACE_URL, f"/tracks/{number}")


class Tracks(Application[UUID]):
    """The library's own application, on SQLite."""

    name = "tracks"


class EventSourcing:
    """Asked by reading the whole log, or by replaying one aggregate."""

    def __init__(self, app: Tracks, data: Clustered) -> None:
        self.app, self._data = app, data

    def every(self, at: Instant, known: Known) -> Ints:
        answer, after, size = np.full(self._data.tracks, -1, np.int64), 0, 5_000
        mapper, recorder = self.app.mapper, self.app.recorder
        while found := recorder.select_notifications(after, size, inclusive_of_start=False):
            for each in map(mapper.to_domain_event, found):
                said = getattr(each, "said", None)
                if said is not None and holds(said, at, known) and said[0] > answer[each.number]:
                    answer[each.number] = said[0]
            after = found[-1].id
        return answer

    def aggregates(self, at: Instant, known: Known) -> Ints:
        """The same by replaying each aggregate."""
        return np.array([self.one(track, at, known) for track in range(self._data.tracks)], np.int64)

    def one(self, track: int, at: Instant, known: Known) -> int:
        identity = Track.create_id(track)
        if identity not in self.app.repository:
            return -1
        aggregate: Track = self.app.repository.get(identity)
        return last(aggregate.said, at, known)


@contextmanager
def eventsourcing(data: Clustered) -> Iterator[EventSourcing]:
    """Loaded through its mapper and recorder, a few thousand events to a transaction."""
    with tempfile.TemporaryDirectory() as folder:
        app = Tracks(env={"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": f"{folder}/tracks.sqlite"})
        for piece in _stored(app, data):
            app.recorder.insert_events(piece)
        yield EventSourcing(app, data)
        app.close()


def _stored(app: Tracks, data: Clustered) -> Iterator[list[Any]]:
    """Every aggregate's events as they are stored, in pieces."""
    pending: list[Any] = []
    for track, said in streams(data):
        aggregate = _opened(track)
        for each in said:
            aggregate.say(track, list(each))
        pending += [app.mapper.to_stored_event(each) for each in aggregate.collect_events()]
        if len(pending) >= 5_000:
            yield pending
            pending = []
    yield pending


def _opened(track: int) -> Track:
    return Track(number=track)


class TrackView(SQLiteTrackingRecorder):
    """The library's materialised view: a table, written in the transaction that moves the position."""

    def construct_create_table_statements(self) -> list[str]:
        columns = ", ".join(f"{name} INTEGER" for name in ("track", "place", *COLUMNS))
        return [*super().construct_create_table_statements(), f"CREATE TABLE IF NOT EXISTS assertions ({columns})"]

    def add(self, track: int, said: Said, tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute("INSERT INTO assertions VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (track, *said))

    def skip(self, tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)


class TrackProjection(Projection[TrackView]):
    """Event by event, as its documentation shows."""

    name = "view"

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        if isinstance(domain_event, Track.Said):
            self.view.add(domain_event.number, tuple(domain_event.said), tracking)
        else:
            self.view.skip(tracking)


def projected(data: Clustered) -> float:
    """Events a second of the library's per-event projection, from its log in memory into SQLite.

    (Its log on SQLite takes no subscriptions, which a projection needs.)
    """
    with tempfile.TemporaryDirectory() as folder:
        env = {
            "PERSISTENCE_MODULE": "eventsourcing.popo",
            "VIEW_PERSISTENCE_MODULE": "eventsourcing.sqlite",
            "VIEW_SQLITE_DBNAME": f"{folder}/view.sqlite",
        }
        with ProjectionRunner(
            application_class=Tracks, projection_class=TrackProjection, view_class=TrackView, env=env
        ) as runner:
            stored = [each for piece in _stored(runner.app, data) for each in piece]
            begun = time.perf_counter()
            runner.app.recorder.insert_events(stored)
            runner.wait(len(stored), timeout=600)
            took = time.perf_counter() - begun
        with closing(sqlite3.connect(f"{folder}/view.sqlite")) as file:
            [(written,)] = file.execute("SELECT COUNT(*) FROM assertions").fetchall()
    if written != len(data.track):
        raise AssertionError(f"the projection wrote {written} rows of {len(data.track)}")
    return len(stored) / took


# eventsource-py


@dataclass
class _Loop:
    """The library is asynchronous: its loop runs while it is asked."""

    runner: asyncio.Runner

    def run(self, work: Any) -> Any:
        return self.runner.run(work)


class EventSourcePy:
    """Asked by reading its feed, or one stream."""

    def __init__(self, store: Any, loop: _Loop, data: Clustered) -> None:
        self._store, self._loop, self._data = store, loop, data

    def every(self, at: Instant, known: Known) -> Ints:
        async def read() -> Ints:
            answer = np.full(self._data.tracks, -1, np.int64)
            async for found in self._store.read_all():
                said = found.event.said
                if holds(said, at, known) and said[0] > answer[found.event.number]:
                    answer[found.event.number] = said[0]
            return answer

        return self._loop.run(read())

    def one(self, track: int, at: Instant, known: Known) -> int:
        from eventsource import StreamId

        async def read() -> int:
            stream: AsyncIterator[Any] = self._store.read_stream(StreamId(Track.create_id(track), "Track"))
            return last([found.event.said async for found in stream], at, known)

        return self._loop.run(read())


@contextmanager
def eventsource_py(data: Clustered) -> Iterator[EventSourcePy]:
    """Loaded with one append for each stream."""
    try:
        from eventsource import DomainEvent, SQLiteEventStore, StreamId, register_event
        from eventsource.ports import ExpectedVersion
    except ImportError as error:
        raise NotHere(f"eventsource-py is not installed ({error}): `pip install -e '.[bench]'`") from None

    class TrackSaid(DomainEvent):
        aggregate_type: str = "Track"
        number: int
        said: tuple[int, ...]

    from eventsource.domain.event_registry import EventRegistry

    registry = EventRegistry()
    register_event(TrackSaid, registry=registry)
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        store = SQLiteEventStore(str(Path(folder) / "events.sqlite"), registry)

        async def load() -> None:
            for track, said in streams(data):
                identity = Track.create_id(track)
                events = [TrackSaid(aggregate_id=identity, number=track, said=each) for each in said]
                await store.append(StreamId(identity, "Track"), events, ExpectedVersion.no_stream())

        runner.run(load())
        yield EventSourcePy(store, _Loop(runner), data)
        runner.run(store.close())


# python-event-sourcery


class EventSourcery:
    """Asked stream by stream: it reads no log but for subscriptions, which wait for more."""

    def __init__(self, store: Any, data: Clustered, identity: Any) -> None:
        self._store, self._data, self._identity = store, data, identity

    def every(self, at: Instant, known: Known) -> Ints:
        return np.array([self.one(track, at, known) for track in range(self._data.tracks)], np.int64)

    def one(self, track: int, at: Instant, known: Known) -> int:
        return last([each.event.said for each in self._store.load_stream(self._identity(track))], at, known)


@contextmanager
def event_sourcery(data: Clustered) -> Iterator[EventSourcery]:
    """Loaded with one append for each stream, a thousand streams to a transaction."""
    # It imports a name for its annotations that SQLAlchemy 2.1 no longer has.
    vars(clsregistry).setdefault("ClsRegistryToken", object)
    try:
        from event_sourcery import StreamId
        from event_sourcery.event import Event
        from event_sourcery_sqlalchemy import SQLAlchemyBackend, configure_models
    except ImportError as error:
        raise NotHere(f"python-event-sourcery is not installed ({error}): `pip install -e '.[bench]'`") from None

    class Base(DeclarativeBase):
        pass

    class TrackSaid(Event):
        number: int
        said: tuple[int, ...]

    configure_models(Base)
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/events.sqlite")
        Base.metadata.create_all(engine)
        with Session(engine) as session:
            store = SQLAlchemyBackend().configure(session).event_store
            for count, (track, said) in enumerate(streams(data), start=1):
                events = [TrackSaid(number=track, said=each) for each in said]
                store.append(*events, stream_id=StreamId(Track.create_id(track), category="track"))
                if count % 1000 == 0:
                    session.commit()
                    session.expunge_all()
            session.commit()
            session.expunge_all()
            yield EventSourcery(store, data, lambda track: StreamId(Track.create_id(track), category="track"))
        engine.dispose()
