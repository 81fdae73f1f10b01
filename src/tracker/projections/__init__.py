"""The record as SQL tables beside the log, derived from it and safe to drop.

`load` needs no more than a driver; `refresh` is where SQLAlchemy is, so import it only to write.
"""
