"""Permission to act: the verdicts of the three gates, the autonomy that was granted, and a person's answer."""

from typing import Literal

from pydantic import AwareDatetime

from incident.control import Approval
from incident.decision import Allow, Deny, Hold, Kind, Reason, Verdict, because
from incident.value import Value
from policies.policy import Judgement, Policy, constraints, strictest

NAME = "gates.open"
VERSION = 4


class Facts(Value):
    """The gates' verdicts, the autonomy, and the answer of a person."""

    evidence: Verdict
    proof: Verdict
    reach: Verdict
    autonomy: Literal["observe", "propose", "approve", "auto"]
    dry_run: bool
    approval: Approval | None
    plan_digest: str
    base: str
    """Commit or version that the plan was proved on."""
    verified_by: Literal["own rule", "a person's rule", "nobody"] = "nobody"
    """Owner of the condition that will tell whether it helped.  With nobody's, an approval alone lifts nothing: a
    change whose effect cannot be measured is not allowed before a person names a rule that measures it."""
    asked: bool = False
    """True when a person was asked about this plan before: then nothing but an answer opens the gate."""
    now: AwareDatetime


class Result(Value):
    """The plan and the base that the gates opened for."""

    plan_digest: str
    base: str


def open(facts: Facts) -> Judgement[Kind, Result]:  # noqa: A001 (callers write gates.open, which reads as a sentence)
    """Decide whether the plan may act.  An approval lifts only what a person may lift."""
    gates = (("evidence", facts.evidence), ("proof", facts.proof), ("reach", facts.reach))
    verdict = _verdict(facts, strictest(gates, because("all_gates_open")))
    return Judgement[Kind, Result](
        policy=NAME,
        version=VERSION,
        verdict=verdict,
        choice=verdict.kind,
        constraints=constraints(gates),
        result=Result(plan_digest=facts.plan_digest, base=facts.base),
    )


def _verdict(facts: Facts, gates: Verdict) -> Verdict:
    said_no = facts.approval is not None and not facts.approval.approved and _same_plan(facts.approval, facts)
    by, why = (facts.approval.by, facts.approval.reason) if facts.approval else ("", "")
    silent = facts.autonomy in ("observe", "propose")
    may = facts.autonomy == "auto" and not facts.asked and facts.verified_by != "nobody"
    alone = isinstance(gates, Allow) and may
    rules: tuple[tuple[bool, Verdict], ...] = (
        # A rejection answers this very plan: it wins over everything, and no expiry turns a no into a maybe.
        (said_no, Deny(reason=because("rejected_by", by=by, why=why))),
        (isinstance(gates, Deny), gates),
        # What was never allowed to act does not ask a person whether it may.
        (facts.dry_run, Hold(reason=because("would_be_dry_run", otherwise=gates.reason))),
        (silent, Hold(reason=because("would_be_silent", autonomy=facts.autonomy, otherwise=gates.reason))),
        (isinstance(gates, Hold) and not gates.liftable, gates),
        (alone, gates),
    )
    return next((verdict for applies, verdict in rules if applies), None) or _with_approval(facts, gates)


def _with_approval(facts: Facts, gates: Verdict) -> Verdict:
    waits_for = gates.reason if isinstance(gates, Hold) else _why_asked(facts)
    approval = facts.approval
    if approval is None:
        return Hold(reason=waits_for, liftable=True)
    if facts.verified_by == "nobody":
        return Hold(reason=because("answer_names_no_rule", asked=waits_for), liftable=True)
    if not _same_plan(approval, facts):
        return Hold(reason=because("answer_to_another_plan", asked=waits_for), liftable=True)
    # Both ends: an approval from the future is a broken clock, not a yes.
    if not approval.at <= facts.now < approval.expires_at:
        return Hold(reason=because("answer_not_valid_now", asked=waits_for), liftable=True)
    return Allow(reason=because("approved_by", by=approval.by, os_user=approval.os_user, asked=waits_for))


def _why_asked(facts: Facts) -> Reason:
    if facts.verified_by == "nobody":
        return because("nothing_would_tell")
    if facts.autonomy == "approve":
        return because("person_opens")
    return because("only_an_answer_opens")


def _same_plan(approval: Approval, facts: Facts) -> bool:
    return approval.plan_digest == facts.plan_digest and approval.base == facts.base


POLICY = Policy(NAME, VERSION, Facts, Result, open)
