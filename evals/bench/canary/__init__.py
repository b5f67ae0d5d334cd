"""Bench of the canary's tests, against the information bound and today's tools.  See docs/canary.md."""
