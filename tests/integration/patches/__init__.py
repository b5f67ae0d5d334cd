"""Hostile patches, run for real."""
