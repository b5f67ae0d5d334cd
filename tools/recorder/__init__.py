"""Flight recorder: one file that services copy."""
