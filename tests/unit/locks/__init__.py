"""Tests of the stores of locks."""
