"""The house as others get it."""
