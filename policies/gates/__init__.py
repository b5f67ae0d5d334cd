"""Policies of the gates: they decide whether a plan may be carried out."""
