"""The flight recorder, which services copy."""
