"""Every combination of what the unit tests try in a short form; minutes, not seconds."""
