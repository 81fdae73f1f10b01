"""Announcements in, the state of every border and corridor as of any date out."""
