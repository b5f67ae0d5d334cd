"""The sets of limits that are in use."""

from policies.limits import Canary, Limits, Triage, Verify


def standard() -> Limits:
    """For real services: minutes of watching, defaults as documented in `policies.limits`."""
    return Limits(name="standard")


def lab() -> Limits:
    """For the embedded lab, whose rules use windows of seconds; error margins stay as they are.

    The short times are floors of the demonstration, not of the method.
    """
    return Limits(
        name="lab",
        triage=Triage(min_samples=30),
        canary=Canary(stage_deadline_seconds=60.0, dwell_seconds=3.0),
        verify=Verify(
            bake_seconds=8.0,
            watch_seconds=45.0,
            extension_seconds=45.0,
            min_samples=30,
            max_gap_seconds=4.0,
            sustained_seconds=8.0,
        ),
    )
