"""Requests of simulated users, and the proxies that carry and split them."""
