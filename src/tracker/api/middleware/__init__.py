"""ASGI middleware of the HTTP server."""
