"""Nodes of the graph: thin functions that read the state, ask one agent, policy or tool, and return changes."""
