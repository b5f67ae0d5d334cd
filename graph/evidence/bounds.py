"""Limits of an incident: those of the settings, stretched to the alert's rule."""

from graph.context import Context
from graph.state import Case
from policies import limits, stretch


def of(context: Context, case: Case) -> limits.Limits:
    """Return the limits that the policies judge this incident by."""
    return stretch.stretched(context.settings.limits, case.windows)
