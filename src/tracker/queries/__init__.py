"""Queries: pure functions from a record and a question to an answer, for command line, API and pages alike."""
