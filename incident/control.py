"""Stop switches and approvals that people set on an incident."""

from pydantic import AwareDatetime

from incident.value import Value


class Control(Value):
    """Switches read immediately before each effect.  The kill switch is the same value for all incidents."""

    stop_all: bool = False
    paused: bool = False
    aborted: bool = False
    by: str = ""
    """The name that was given with ``--as``."""
    os_user: str = ""
    """The operating system's user behind it."""
    reason: str = ""
    at: AwareDatetime | None = None


class Approval(Value):
    """A person's answer, bound to one plan on one base, used once, and expiring."""

    plan_digest: str
    base: str
    deed: str = ""
    """Digest of what the plan does: a no is one to the same change under another plan, too."""
    approved: bool
    by: str
    """The name that was given with ``--as``."""
    os_user: str
    reason: str = ""
    verify_by: str = ""
    """The rule by which it will be verified, where the world does not serve the alert's own."""
    at: AwareDatetime
    expires_at: AwareDatetime
