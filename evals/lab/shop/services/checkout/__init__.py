"""Checkout: from a basket to an order."""
