"""Mechanisms that rank suspects."""
