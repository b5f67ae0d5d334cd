"""Agents' view of an incident: evidence, sources and tools, without secrets."""
