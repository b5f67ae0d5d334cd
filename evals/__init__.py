"""The live world, the scenarios that run against it, and what judges them."""
