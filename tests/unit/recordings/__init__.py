"""Worlds read from a folder of exports."""
