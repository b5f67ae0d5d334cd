"""Settings from the environment, and the leave that an incident was opened with."""
