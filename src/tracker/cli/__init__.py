"""The `tracker` command: parse, ask, show."""
