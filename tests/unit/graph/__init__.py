"""The graph on the scripted world, in virtual time."""
