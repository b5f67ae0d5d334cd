"""Inventory: what lies where, what it is worth, and when to order."""
