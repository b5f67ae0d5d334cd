"""The door: what is read of what alerting systems send, and which service it is about."""
