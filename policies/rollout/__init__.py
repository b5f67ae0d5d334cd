"""Decides from measurements whether a change goes on, goes back or is done."""
