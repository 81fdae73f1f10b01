"""Other people's tables as announcements: rows of a file, by a declared mapping. Pure but for reading the files."""
