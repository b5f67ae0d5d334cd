"""Stores of an installation: the home folder, incidents, effects, checkpoints, journals, people's answers."""
