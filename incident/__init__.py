"""Domain types: frozen values without I/O, clocks or randomness.

Everything above speaks in these types.  Nothing here imports from the rest of the project.
"""
