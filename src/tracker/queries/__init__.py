"""Questions and their answers. Read-only; the same for command line, API and page."""
