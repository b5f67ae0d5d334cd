"""What an installation remembers: the home folder, incidents, effects, checkpoints, journals, people's words."""
