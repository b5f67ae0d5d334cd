"""Answers of a real language model, recorded once and replayed in unit tests without a network."""
