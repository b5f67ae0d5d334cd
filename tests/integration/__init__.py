"""Tests with one real thing each."""
