"""The shop as its developers, its users and its scorers see it."""
