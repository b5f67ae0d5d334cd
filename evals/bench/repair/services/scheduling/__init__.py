"""Scheduling: slots, shifts and who works them."""
