"""What a plan changes and what it relies on, as other incidents need to know it."""

from pydantic import AwareDatetime

from incident.value import Value


class Setting(Value):
    """One configuration value that a plan sets."""

    version: str
    key: str
    value: str


class DeclaredPlan(Value):
    """One plan's part in the world, written into its incident's row before it claims anything."""

    service: str
    """What it changes."""
    change: str
    """Digest of the change itself, without the version it was made for: the same change has the same."""
    path: str = ""
    """The source file that it patches; empty for another remedy."""
    function: str = ""
    setting: Setting | None = None
    callers: tuple[str, ...] = ()
    callees: tuple[str, ...] = ()
    """The neighbours that it relies on while it acts."""
    acting: bool = False
    """Whether its claims were granted: from here on it may have changed something."""


class Party(Value):
    """An incident with a declared plan."""

    incident: str
    opened_at: AwareDatetime
    declared: DeclaredPlan
