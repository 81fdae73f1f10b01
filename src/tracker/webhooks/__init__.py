"""Webhooks: changes sent as CloudEvents, signed as Standard Webhooks, and tried again until they arrive."""
