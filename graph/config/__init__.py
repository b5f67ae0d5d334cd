"""What is read from the environment, and what an incident was opened with."""
