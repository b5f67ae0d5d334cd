"""Stop switches and approvals that people set on an incident."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from pydantic import AwareDatetime

from incident.value import Value

Switch = Literal["kill", "abort", "pause"]
Step = Literal["think", "change", "wait", "gate", "effect", "widen", "undo"]

OBEYED: Mapping[Step, tuple[Switch, ...]] = MappingProxyType(
    {
        "think": ("abort",),
        "change": ("kill", "abort"),
        "wait": ("kill", "abort"),
        "gate": ("kill", "abort", "pause"),
        "effect": ("kill", "abort", "pause"),
        "widen": ("pause",),
        "undo": (),
    }
)
"""The switches that each step obeys, the gravest first.

A node obeys as `think`, and as `change` while a change is under way; the nodes that end an incident, as `undo`.
`wait` is the wait for other incidents; `widen` the canary's next stage, whose node has obeyed the others before.
A half-made change is worse than either side of it, so the way back is always open.
"""


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

    def stops(self, step: Step) -> Switch | None:
        """The gravest switch that is set among those that the step obeys; None when it may go on."""
        set_now: dict[Switch, bool] = {"kill": self.stop_all, "abort": self.aborted, "pause": self.paused}
        return next((switch for switch in OBEYED[step] if set_now[switch]), None)


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
