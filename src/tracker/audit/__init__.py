"""The transparency log over the events: checkpoints, proofs, verification and backups."""
