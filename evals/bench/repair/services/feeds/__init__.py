"""Feeds: what partners publish, brought into one form."""
