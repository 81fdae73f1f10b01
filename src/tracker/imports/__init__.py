"""Imports of foreign tables as announcements, by declared mappings. Pure, but for reading the files."""
