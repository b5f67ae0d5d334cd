"""Removes secrets from everything that is recorded, shown or sent to a model."""
