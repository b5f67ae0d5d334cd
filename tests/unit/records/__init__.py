"""Tests of the stores of records."""
