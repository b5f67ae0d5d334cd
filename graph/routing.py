"""Routes between the nodes: pure functions of the state, each returning a Literal.

An ending that is set wins everywhere: the change is taken back unless it healed, people are told when they are
needed, and then the incident closes.
"""

from typing import Literal, assert_never

from graph.state import State
from incident.ending import Outcome
from incident.remedy import Patch

Ended = Literal["roll_back", "escalate", "close"]


def ended(state: State) -> Ended | None:
    """Return the node that an ending leads to, or None when there is none yet."""
    if state.ending is None:
        return None
    outcome = state.ending.outcome
    changed = state.rollout is not None and state.rollout.verdict != "undone"
    if changed and outcome is not Outcome.HEALED:
        return "roll_back"
    return "escalate" if outcome is Outcome.ESCALATED else "close"


def after_intake(state: State) -> Ended | Literal["correlate"]:
    """A false alarm ends; everything else is correlated."""
    return ended(state) or "correlate"


def after_correlate(state: State) -> Ended | Literal["claim"]:
    """An incident that is already being handled ends."""
    return ended(state) or "claim"


def after_claim(state: State) -> Ended | Literal["gather"]:
    """An incident whose root another worker handles ends."""
    return ended(state) or "gather"


def after_gather(state: State) -> Ended | Literal["diagnose"]:
    """The evidence goes to the diagnosis."""
    return ended(state) or "diagnose"


def after_diagnose(state: State) -> Ended | Literal["search"]:
    """The findings go to the search, which knows the earlier rounds."""
    return ended(state) or "search"


def after_search(state: State) -> Ended | Literal["gather", "plan"]:
    """A hypothesis is followed; without one, the evidence of another service is gathered."""
    return ended(state) or ("gather" if state.inquiry.hypothesis is None else "plan")


def after_plan(state: State) -> Ended | Literal["write_patch", "assess", "search"]:
    """A patch must be written first; every other remedy is complete.  A hypothesis that was struck is left."""
    if state.inquiry.hypothesis is None:
        return ended(state) or "search"
    if state.plan is not None and state.plan.kind == "patch":
        return ended(state) or "write_patch"
    return ended(state) or "assess"


def after_write_patch(state: State) -> Ended | Literal["prove", "write_patch", "search"]:
    """Without a candidate the writer is asked again, until the bound on tries ends it."""
    if state.plan is None:
        return ended(state) or "search"
    if state.plan is not None and state.plan.candidates:
        return ended(state) or "prove"
    return ended(state) or "write_patch"


def after_prove(state: State) -> Ended | Literal["review", "prove", "write_patch", "search"]:
    """A proved patch is reviewed; after a refused one comes the next candidate, or another question to the writer."""
    if state.plan is not None and state.plan.remedy is not None:
        return ended(state) or "review"
    return after_write_patch(state)


def after_review(state: State) -> Ended | Literal["assess", "prove", "write_patch", "search"]:
    """Objections send the patch back."""
    if state.plan is not None and state.plan.review is not None:
        return ended(state) or "assess"
    return after_write_patch(state)


def after_assess(state: State) -> Ended | Literal["gate"]:
    """A scored plan goes to the gates."""
    return ended(state) or "gate"


def after_gate(state: State) -> Ended | Literal["lock", "approve", "review", "search"]:
    """Only Allow leads to an effect; a refused proof leads on, a picked patch is reviewed, and everything else asks a person."""
    if state.plan is None:
        return ended(state) or "search"
    if isinstance(state.plan.remedy, Patch) and state.plan.review is None:
        return ended(state) or "review"
    if state.plan is not None and state.plan.gate is not None and state.plan.gate.kind == "allow":
        return ended(state) or "lock"
    return ended(state) or "approve"


def after_lock(state: State) -> Ended | Literal["canary", "gather"]:
    """A plan whose base has changed meanwhile is dropped, and everything starts again at the evidence."""
    return ended(state) or ("gather" if state.plan is None else "canary")


def after_canary(state: State) -> Ended | Literal["canary", "observe", "verify"]:
    """A step that needs no watching leads to the next one."""
    if state.rollout is not None and state.rollout.readings is not None:
        return ended(state) or "verify"
    if state.rollout is not None and state.rollout.verdict == "next":
        return ended(state) or "canary"
    return ended(state) or "observe"


def after_observe(state: State) -> Ended | Literal["observe", "canary", "verify"]:
    """Hold looks again; only advance and promote widen; anything unknown takes the change back."""
    verdict = state.rollout.verdict if state.rollout else ""
    match verdict:
        case "hold":
            return ended(state) or "observe"
        case "advance" | "promote":
            return ended(state) or "canary"
        case "finish":
            return ended(state) or "verify"
        case "roll_back" | "" | "next" | "undone" | "watch" | "extend" | "healed" | "ask":
            return "roll_back"
        case _:
            assert_never(verdict)


def after_verify(state: State) -> Ended | Literal["verify"]:
    """An unclear change is watched on, any other one is taken back; healed and asking are endings."""
    if state.ending is not None:
        return ended(state) or "close"
    verdict = state.rollout.verdict if state.rollout else ""
    return "verify" if verdict in ("watch", "extend") else "roll_back"


def after_roll_back(state: State) -> Literal["escalate", "close", "search"]:
    """After an undo the search goes on, unless something else ended the incident."""
    if state.ending is None:
        return "search"
    return "escalate" if state.ending is not None and state.ending.outcome is Outcome.ESCALATED else "close"
