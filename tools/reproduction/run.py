"""Starts the driver or the suite.  Runs inside the sandbox, isolated."""

from __future__ import annotations

import importlib
import sys


def main() -> None:
    """Run the part that the first argument names, ``driver`` or ``suite``; the other's imports would cost time."""
    importlib.import_module(f"tools.reproduction.{sys.argv[1]}").main()
