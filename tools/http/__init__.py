"""HTTP whose answers are bounded while they are read."""
