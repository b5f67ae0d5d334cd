"""The git adapter on real repositories."""
