"""Policies of the diagnosis: the meaning of an alert, and the cause that the evidence shows."""
