"""Bench of diagnosis: suspects ranked in generated worlds whose cause is known."""
