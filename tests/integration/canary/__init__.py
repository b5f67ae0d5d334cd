"""Canaries that cannot be seen, in every combination."""
