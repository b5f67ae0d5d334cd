"""Policies that rank suspects: mechanisms that score services, changes, places and outside causes, and one list."""
