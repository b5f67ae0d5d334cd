"""Tests of the policies: facts in, one decision out; no clock, no socket, no double."""
