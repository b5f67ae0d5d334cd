"""Payment: what paying costs, and taking the money."""
