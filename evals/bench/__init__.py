"""Benches: each figure beside a peer or a floor that was measured in the same run."""
