"""A plugin of pytest: measures which statements of the product the tests reach, in every worker.

From Python 3.12 on the interpreter tells it for next to nothing (PEP 669).  Before, it would more than double the time,
so nothing is measured there unless COVERAGE_CORE asks for it, as ``make coverage`` does.
"""

import os
import sys

import coverage

MONITORED = sys.version_info >= (3, 12)

_measured: coverage.Coverage | None = None

if MONITORED or "COVERAGE_CORE" in os.environ:
    os.environ.setdefault("COVERAGE_CORE", "sysmon")
    # At once, before a test imports what is measured.
    _measured = coverage.Coverage()
    _measured.start()


def pytest_sessionfinish() -> None:
    """Write down what this process has seen, for `coverage combine`."""
    if _measured is not None:
        _measured.stop()
        _measured.save()
