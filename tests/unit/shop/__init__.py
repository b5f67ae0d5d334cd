"""The shop's data and its faults, read without starting anything."""
