"""Repair templates, one published kind of fix a file."""
