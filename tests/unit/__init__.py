"""Tests without sockets, in virtual time."""
