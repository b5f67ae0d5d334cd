"""Stages of a rollout: the shares that it goes through, from what the platform is able to set.

Only a share that leaves a control group lets a canary be judged, and only counts that the canary cannot write itself.
Where the platform offers less, or somebody else writes the same objects, a person decides.
"""

from typing import assert_never

from incident.decision import Allow, Hold, Kind, Verdict, because
from incident.remedy import RemedyKind
from incident.rollout import STAGES
from incident.value import Value
from incident.workload import Able, SourceKind
from policies.policy import Finding, Judgement, Policy, constraints, strictest

NAME = "stages.plan"
VERSION = 1

LARGEST_FIRST = 50
"""Percent of the requests that an unproven version may get at first without a person."""

SOURCES: dict[RemedyKind, tuple[SourceKind, ...]] = {
    "patch": ("commit", "overlay"),
    "roll_back": ("commit", "revision"),
}
"""Sources that each kind of remedy can start its version from, the preferred one first; the others start none."""


class Facts(Value):
    """The kind of the remedy, and what the platform is able to do to the service."""

    kind: RemedyKind
    able: Able


class Result(Value):
    """The way of the rollout."""

    stages: tuple[int, ...]
    """Percent of the requests on the new version, in order; empty for a remedy that starts none."""
    source: SourceKind | None
    """Source of the new version; None for a remedy that starts none, and where the platform takes none."""


def plan(facts: Facts) -> Judgement[Kind, Result]:
    """Allow the plan its stages, or hold it for a person."""
    result = _way(facts)
    findings = _findings(facts, result)
    verdict = strictest(findings, because("can_be_carried_out", parts=len(findings)))
    return Judgement[Kind, Result](
        policy=NAME,
        version=VERSION,
        verdict=verdict,
        choice=verdict.kind,
        constraints=constraints(findings),
        result=result,
    )


def _way(facts: Facts) -> Result:
    source = next((kind for kind in SOURCES.get(facts.kind, ()) if kind in facts.able.sources), None)
    match facts.kind:
        case "patch":
            return Result(stages=_nearest(facts.able), source=source)
        case "roll_back":
            # A version that is known to be good takes over at once.
            return Result(stages=tuple(share for share in _nearest(facts.able) if share == 100), source=source)
        case "revert_config" | "restart" | "scale" | "wait" | "ask_human":
            return Result(stages=(), source=None)
        case _:
            assert_never(facts.kind)


def _nearest(able: Able) -> tuple[int, ...]:
    """Return the share that can be set nearest to each usual stage, the larger of two as near; empty without 100 %."""
    if able.shares == "any":
        return STAGES
    settable = tuple(share for share in able.shares if 0 < share <= 100)
    if 100 not in settable:
        return ()
    # Nothing but full traffic is the last stage: near to it is not all of it.
    partial = tuple(share for share in settable if share < 100)
    found = {min(partial, key=lambda share: (abs(share - stage), -share)) for stage in STAGES[:-1] if partial}
    return (*sorted(found), 100)


def _findings(facts: Facts, way: Result) -> tuple[Finding, ...]:
    able = facts.able
    if facts.kind in ("wait", "ask_human"):
        return (("changeable", Allow(reason=because("changes_nothing_there"))),)
    found: list[tuple[str, Verdict]] = [("changeable", _changeable(able)), ("no_other_owner", _owners(able))]
    if facts.kind in SOURCES:
        found += [("startable", _startable(facts, way)), ("shares", _shares(facts, way))]
    if facts.kind == "patch":
        found.append(("counted_by_router", _counted(able)))
    return tuple(found)


def _changeable(able: Able) -> Verdict:
    if able.why_not:
        return Hold(reason=because("platform_cannot", why=able.why_not))
    return Allow(reason=because("platform_can"))


def _owners(able: Able) -> Verdict:
    others = tuple(f"{owner.kind} {owner.name}" for owner in able.owners)
    if not others:
        return Allow(reason=because("nobody_else_owns"))
    # Two controllers of one rollout undo each other's steps; what another owner does a person may answer for.
    rival = any(owner.kind == "rollout" for owner in able.owners)
    return Hold(reason=because("somebody_else_owns", owners=others), liftable=not rival)


def _startable(facts: Facts, way: Result) -> Verdict:
    if way.source is None:
        return Hold(reason=because("no_source_taken", sources=facts.able.sources))
    return Allow(reason=because("started_from", source=way.source))


def _shares(facts: Facts, way: Result) -> Verdict:
    if not way.stages or (facts.kind == "patch" and way.stages[0] == 100):
        return Hold(reason=because("no_share_to_try", shares=_spelled(facts.able)))
    if facts.kind == "patch" and way.stages[0] > LARGEST_FIRST:
        reason = because("first_share_large", share=way.stages[0], largest=LARGEST_FIRST)
        return Hold(reason=reason, liftable=True)
    return Allow(reason=because("goes_through", stages=tuple(f"{share} %" for share in way.stages)))


def _spelled(able: Able) -> tuple[str, ...]:
    return ("any",) if able.shares == "any" else tuple(f"{share} %" for share in able.shares)


def _counted(able: Able) -> Verdict:
    if able.counted_by == "workload":
        return Hold(reason=because("self_counted"))
    return Allow(reason=because("router_counts"))


POLICY = Policy(NAME, VERSION, Facts, Result, plan)
