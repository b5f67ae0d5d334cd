"""Composition root: adapters are opened here, and nowhere else."""
