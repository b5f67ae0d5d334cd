"""The keyed audit chain, its signed heads, and where those are kept."""
