"""What the program does for somebody: recording, importing, drafting, auditing."""
