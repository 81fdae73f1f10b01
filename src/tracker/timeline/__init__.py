"""Events become assertions on tracks, and the one rule of time says which of them holds."""
