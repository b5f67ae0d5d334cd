"""Declared plan: the changes of one incident's plan, as other incidents need to know them."""

from pydantic import AwareDatetime

from incident.value import Value


class Setting(Value):
    """One configuration value that a plan sets."""

    version: str
    key: str
    value: str | None
    """None: the plan unsets it."""


class DeclaredPlan(Value):
    """One plan's changes, written into its incident's row before it takes any lock."""

    service: str
    """Service that it changes."""
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
    """True when its locks were granted: from here on it may have changed something."""


class Party(Value):
    """An incident with a declared plan."""

    incident: str
    opened_at: AwareDatetime
    declared: DeclaredPlan
