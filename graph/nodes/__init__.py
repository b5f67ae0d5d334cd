"""The nodes: thin functions that read the state, ask one agent or policy or tool, and return changes."""
