"""The views over the tables, by name: whoever drops tables must drop them first."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a cold question has no time for it
    from sqlalchemy.engine import Connection

VIEWS = ("v_status_interval", "v_announcement", "v_measure_interval", "v_promise")


def drop_views(connection: "Connection") -> None:
    """They are made again when the tables under them are derived."""
    for name in VIEWS:
        connection.exec_driver_sql(f"DROP VIEW IF EXISTS {name}")
