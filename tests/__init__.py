"""Tests: unit (no sockets), integration (one real thing each), e2e (a whole incident)."""
