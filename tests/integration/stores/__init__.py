"""Tests of the stores with real processes that are stopped and killed."""
