"""The sandbox against real processes, and proofs in it."""
