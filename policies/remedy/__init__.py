"""Policies of the remedy: the ways to handle a cause, and their order."""
