"""The record over HTTP: questions under /api/v1, feeds, metrics."""
