"""Booking: rooms, stays and what they cost."""
