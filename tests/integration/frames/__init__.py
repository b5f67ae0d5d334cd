"""Recordings of stack traces are made again."""
