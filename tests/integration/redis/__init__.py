"""Claims on a real Redis server."""
