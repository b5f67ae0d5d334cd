"""Patches that reach for more powers than their function had, in many spellings, and mends that need none."""
