"""Gateway: the shop as its users see it."""
