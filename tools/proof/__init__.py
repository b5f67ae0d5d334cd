"""Proves that a change does what it should and nothing else."""
