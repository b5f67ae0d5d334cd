"""Tests of the judges and of how scenarios are read: no sockets, no world."""
