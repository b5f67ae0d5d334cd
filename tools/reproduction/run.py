"""Starts the part that was asked for.  Runs inside the sandbox, isolated."""

from __future__ import annotations

import sys

from tools.reproduction import driver, suite


def main() -> None:
    """Run the part that the first argument names."""
    {"driver": driver.main, "suite": suite.main}[sys.argv[1]]()
