"""Ports, and one adapter per file: the only code that opens a file, a socket or a process."""
