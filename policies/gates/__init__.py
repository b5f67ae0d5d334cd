"""Decides whether a plan may be carried out."""
