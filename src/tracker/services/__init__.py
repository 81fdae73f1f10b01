"""Services behind the command line and the API: recording, importing, drafting, auditing."""
