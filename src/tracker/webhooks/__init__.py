"""News to whoever asked for it: CloudEvents, signed as Standard Webhooks, tried until they arrive."""
