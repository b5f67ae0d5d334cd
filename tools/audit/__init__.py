"""Keyed audit chain, its signed heads, and the anchors that keep them."""
