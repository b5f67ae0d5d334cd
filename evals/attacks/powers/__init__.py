"""Patches that reach for more than their function had, in many spellings, and mends that need nothing of the kind."""
