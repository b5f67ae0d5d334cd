"""Search: a small index of articles."""
