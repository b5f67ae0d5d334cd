"""Check of the gates' verdict in the chained record: a forged checkpoint opens nothing."""

import hashlib
from collections.abc import Iterator

from graph.context import Context
from graph.reports import journal_reader
from graph.state import State, planned
from incident.decision import Decision, Hold
from incident.errors import Tampered
from incident.rollout import STAGES
from policies.gates import permission
from policies.rollout import stages


def check(context: Context, state: State) -> None:
    """Raise Tampered unless the last verdict of the gates, as it was chained, allows this very plan on this base.

    Called where a plan turns into effects, because anybody who can write the checkpoints can change the state.
    """
    plan, incident = planned(state), state.case.incident
    digest = plan.remedy.digest() if plan.remedy else ""
    said = _last(context, incident, permission.POLICY.name)
    if said is None or said.verdict.kind != "allow":
        raise Tampered("no gate has opened for this plan: its checkpoint says more than the record")
    if permission.POLICY.read(said) != permission.Result(plan_digest=digest, base=plan.base):
        raise Tampered("the gates opened for another plan than the one in the checkpoint")
    way = _last(context, incident, stages.POLICY.name)
    # An incident from before platforms differed has no such record: its version comes from a commit, by every share.
    known = stages.Result(stages=STAGES, source="commit") if way is None else stages.POLICY.read(way)
    if known is None or (plan.stages, plan.source) != (known.stages, known.source or plan.source):
        raise Tampered("the platform was found able to go another way than the one in the checkpoint")


def asked(context: Context) -> bool:
    """True when a person was asked since the gates last opened, by the record: then only an answer opens them."""
    # A checkpoint may be lost, and its last verdict may be about something else, such as a pause.
    for _, said in _words(context, permission.POLICY.name):
        if not isinstance(said.verdict, Hold):
            return False
        if said.verdict.liftable:
            return True
    return False


def _last(context: Context, incident: str, policy: str) -> Decision | None:
    line, said = next(_words(context, policy), (b"", None))
    if said is not None:
        chained = {body["sha256"] for body in context.audit.find("record", incident)}
        if hashlib.sha256(line).hexdigest() not in chained:
            raise Tampered(f"the last verdict of {policy} in the journal is not the one that was chained")
    return said


def _words(context: Context, policy: str) -> Iterator[tuple[bytes, Decision]]:
    """Decisions of a policy, the newest first, each with its line of the journal."""
    for line in reversed(context.folder.lines()):
        # Records have one encoding, without white space, so the bytes tell which lines need not be parsed.
        if f'"policy":"{policy}"'.encode() in line:
            for _, said in journal_reader.decisions(journal_reader.load((line,)), policy):
                yield line, said
