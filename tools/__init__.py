"""Ports, and the adapters behind them: the only code that opens a file, a socket or a process."""
