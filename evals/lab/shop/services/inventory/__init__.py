"""Inventory: what is in stock, and keeping it for an order."""
