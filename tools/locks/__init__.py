"""Locks with fencing tokens, on SQLite and on Redis."""
