"""Judges of the records: effects once, people by name, replay and audit."""

from collections import Counter

from evals.judging.seen import Finding, Seen
from incident.evidence import Change
from incident.record import Acted, Intended, Proved


def effects_once(seen: Seen) -> Finding:
    """No recorded change of the world happened twice, and every intent has its outcome.

    Judged on the world's own history, which the healer cannot write: a version is deployed and removed
    once, and weights never change to what they are.
    """
    wrong = [f"{entry.key[:8]} has no outcome" for entry in seen.effects if entry.outcome is None]
    intended = Counter(item.event.key for item in seen.records if isinstance(item.event, Intended))
    acted = Counter(item.event.key for item in seen.records if isinstance(item.event, Acted))
    wrong += [f"{key[:8]} was intended {count} times" for key, count in intended.items() if count > 1]
    wrong += [f"{key[:8]} was done {count} times" for key, count in acted.items() if count > 1]
    for service, changes in sorted(seen.settled.history.items()):
        fresh = changes[len(seen.before.history.get(service, ())) :]
        wrong += [f"{service}: {what}" for what in _repeated(fresh)]
    wrong += [] if seen.incident else ["there is not exactly one incident"]
    return Finding(
        judge="effects_once", passed=not wrong, detail="; ".join(wrong) or f"{len(seen.effects)} effects, once each"
    )


def _repeated(changes: tuple[Change, ...]) -> list[str]:
    deploys = Counter((change.what, change.version) for change in changes if change.what in ("deploy", "remove"))
    found = [f"{what} of {version} happened {count} times" for (what, version), count in deploys.items() if count > 1]
    found += [f"weights were set to {c.new} again" for c in changes if c.what == "weights" and c.old == c.new]
    return found


def journal_names(seen: Seen, *, person: str, actions: tuple[str, ...]) -> Finding:
    """The incident's journal says who stepped in, and the audit chain has each step under that name."""
    told = any(person in control.by for control in seen.controls)
    told = told or (seen.closed is not None and person in seen.closed.ending.reason)
    chained = {str(entry.get("action")) for entry in seen.audit if entry.get("actor") == person}
    missing = [action for action in actions if action not in chained]
    wrong = [] if told else [f"the journal does not name {person}"]
    wrong += [f"the chain has no {action} by {person}" for action in missing]
    return Finding(
        judge="journal_names", passed=not wrong, detail="; ".join(wrong) or f"{person}: {', '.join(actions)}"
    )


def held_after(seen: Seen, *, step: str, until: tuple[str, ...]) -> Finding:
    """Just before each of these later steps of a person the canary had the share it had when that step's command ended.

    Not the share it had when the person came: until the command has ended, nobody was told that anything is held.
    """
    held = {item.step: item.after for item in seen.glimpses}.get(step, {})
    before = {item.step: item.weights for item in seen.glimpses}
    wrong = [f"{name}: {before.get(name, 'nobody looked')}" for name in until if before.get(name) != held]
    wrong += [] if until else ["no later step was named"]
    wrong += [] if sum(share > 0 for share in held.values()) > 1 else [f"{step}: no canary, {held or 'nobody looked'}"]
    return Finding(
        judge="held_after", passed=not wrong, detail="; ".join(wrong) or f"{held} from {step} to {', '.join(until)}"
    )


def says(seen: Seen, *, command: str, words: tuple[str, ...]) -> Finding:
    """A command ended well and its output has all these words."""
    said = seen.last(command)
    if said is None:
        return Finding(judge="says", passed=False, detail=f"{command} was never run")
    missing = [word for word in words if word not in said.stdout]
    passed = said.exit_code == 0 and not missing
    detail = f"{command}: exit code {said.exit_code}" + (f", without {', '.join(missing)}" if missing else "")
    return Finding(judge="says", passed=passed, detail=detail)


def replay_verifies(seen: Seen) -> Finding:
    """``graph.replay`` comes to the same bytes."""
    return _went_well(seen, "replay", "replay_verifies")


def audit_verifies(seen: Seen) -> Finding:
    """``graph.audit verify`` finds the chain whole, and the chain is not empty."""
    if not seen.audit:
        return Finding(judge="audit_verifies", passed=False, detail="the chain is empty")
    return _went_well(seen, "audit", "audit_verifies")


def _went_well(seen: Seen, command: str, judge: str) -> Finding:
    said = seen.last(command)
    if said is None:
        return Finding(judge=judge, passed=False, detail=f"{command} was not run")
    words = (said.stdout.strip() or said.stderr.strip())[-200:]
    return Finding(judge=judge, passed=said.exit_code == 0, detail=words)


def told_truly(seen: Seen) -> Finding:
    """Every sentence of the ending, the notices and the report is supported by the record."""
    if seen.doubts is None:
        return Finding(judge="told_truly", passed=False, detail="nobody has looked")
    detail = "; ".join(seen.doubts[:3]) or "every sentence is supported"
    return Finding(judge="told_truly", passed=not seen.doubts, detail=f"{len(seen.doubts)} unsupported: {detail}")


def no_leftovers(seen: Seen) -> Finding:
    """After everything was taken down no process and no port of it remained."""
    if seen.leftovers is None:
        return Finding(judge="no_leftovers", passed=False, detail="nobody has looked")
    return Finding(
        judge="no_leftovers", passed=not seen.leftovers, detail="; ".join(seen.leftovers) or "nothing remains"
    )


def was_tried(seen: Seen, *, service: str, share: int) -> Finding:
    """The world's own history says that a new version really got this share; else nothing was put to the test."""
    fresh = seen.settled.history.get(service, ())[len(seen.before.history.get(service, ())) :]
    deployed = {change.version for change in fresh if change.what == "deploy"}
    spelled = [f"{version}={share}" for version in deployed]
    reached = any(text in (change.new or "").split(", ") for change in fresh for text in spelled)
    detail = f"{service}: {share} % on {', '.join(sorted(map(str, deployed)))}" if reached else "it was never tried"
    return Finding(judge="was_tried", passed=reached, detail=detail)


def proofs_failed(seen: Seen, *, check: str, at_least: int) -> Finding:
    """At least so many proofs failed at this check, and not one proof passed."""
    proofs = [item.event.proof for item in seen.records if isinstance(item.event, Proved)]
    failed = [proof for proof in proofs if any(c.name == check and c.outcome == "failed" for c in proof.checks)]
    passed = [proof for proof in proofs if proof.outcome == "passed"]
    detail = f"{len(failed)} of {len(proofs)} proofs failed at {check}, {len(passed)} passed"
    return Finding(judge="proofs_failed", passed=len(failed) >= at_least and not passed, detail=detail)
