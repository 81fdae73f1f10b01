"""The transparency log over the events, and proofs from it."""
