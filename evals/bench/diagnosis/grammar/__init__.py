"""Grammar of worlds: systems, traffic, people's changes and one cause, simulated and told as ports would tell them."""
