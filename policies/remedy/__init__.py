"""Which remedies there are for a cause, and in which order."""
