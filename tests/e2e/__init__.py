"""Whole incidents on a live world: real processes, the real command line, minutes.  Run by ``make e2e``."""
