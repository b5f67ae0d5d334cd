"""Variations of the facts of the gates Evidence and Proof, and of the permission to act."""

from datetime import timedelta
from typing import Any

from incident.control import Approval
from incident.decision import Allow, Decision, Deny, Hold
from incident.evidence import Evidence as Piece
from incident.evidence import Origin, Signals
from incident.proof import Check, Proof, Review
from policies.counterfactual import variations
from policies.counterfactual.counterfactuals import Variation
from policies.counterfactual.variations import changed, switches
from policies.gates import autonomy, evidence_gate, permission, proof_gate

Variations = tuple[Variation[Any], ...]

OUTCOMES = ("passed", "failed", "unknown")


def evidence(facts: evidence_gate.Facts) -> Variations:
    """Each piece of evidence left out, one more kind, and every outcome of the disproving check."""
    dossier, onset = facts.dossier, facts.dossier.onset
    measured = Signals(service=facts.hypothesis.service, start=onset, end=onset, requests=100, errors=15)
    piece = Piece(id="E-more", source="metrics", origin=Origin.MEASURED, fact=measured)
    return (
        *(_without(item) for item in dossier.evidence),
        _with(piece),
        *(variations.option("disproving check", "disproof.outcome", outcome, outcome) for outcome in OUTCOMES),
    )


def _without(item: Piece) -> Variation[Any]:
    def change(facts: evidence_gate.Facts) -> evidence_gate.Facts | None:
        kept = tuple(other for other in facts.dossier.evidence if other.id != item.id)
        return variations.put(facts, "dossier.evidence", kept) if len(kept) < len(facts.dossier.evidence) else None

    return variations.edit(f"evidence {item.id} ({item.fact.kind.replace('_', ' ')})", change, "there", "not there")


def _with(piece: Piece) -> Variation[Any]:
    def change(facts: evidence_gate.Facts) -> evidence_gate.Facts | None:
        if any(item.id == piece.id for item in facts.dossier.evidence):
            return None
        return variations.put(facts, "dossier.evidence", (*facts.dossier.evidence, piece))

    return variations.edit("measured signals of the service failing", change, "as they are", "more of them")


def proof(facts: proof_gate.Facts) -> Variations:
    """Every check with another outcome, checks that were never run, the inspection and the review."""
    checks = facts.proof.checks if facts.proof else ()
    absent = [name for name in proof_gate.NEEDED.get(facts.kind, ()) if name not in {check.name for check in checks}]
    whole = Proof(remedy_digest=facts.remedy_digest, base=facts.base, checks=tuple(_passed(name) for name in absent))
    patch = facts.kind == "patch"
    silent = Review(
        remedy_digest=facts.remedy_digest, right_cause=True, hides_error=False, changes_meaning=False,
        compatible_data=True, tests_meaningful=True, comment="", model="",
    )  # fmt: skip
    objecting = silent.model_copy(update={"hides_error": True})
    return (
        *(_check(check, outcome) for check in checks for outcome in OUTCOMES if outcome != check.outcome),
        variations.edit("proof", lambda f: changed(f, proof=whole, when=f.proof is None), "there is none", "every check passed"),
        variations.edit("checks that were not run", lambda f: _completed(f, absent), "missing", "passed"),
        variations.edit("base", lambda f: changed(f, base=f.proof.base, when=f.proof and f.proof.base != f.base) if f.proof else None, "another runs now", "as proved"),
        variations.edit("inspection", lambda f: changed(f, inspection=Deny(reason=""), when=patch and _stands(f.inspection)), "allowed", "refused"),
        variations.edit("inspection", lambda f: changed(f, inspection=Allow(reason=""), when=patch and not _stands(f.inspection)), "not allowed", "allowed"),
        variations.edit("review", lambda f: changed(f, review=objecting, when=patch and _agrees(f)), "no objection", "an objection"),
        variations.edit("review", lambda f: changed(f, review=silent, when=patch and not _agrees(f)), "missing, or an objection", "no objection"),
    )  # fmt: skip


def opening(facts: permission.Facts) -> Variations:
    """Each gate the other way, the autonomy that was granted, and a person's answer."""
    answer = Approval(
        plan_digest=facts.plan_digest, base=facts.base, approved=True, by="a person", os_user="",
        at=facts.now - timedelta(seconds=1), expires_at=facts.now + timedelta(hours=1),
    )  # fmt: skip
    no = answer.model_copy(update={"approved": False})
    hold = Hold(reason="", liftable=True)
    return (
        *(_gate(facts, name, other) for name in ("evidence", "proof", "reach") for other in (Allow(reason=""), hold)),
        *(variations.option("autonomy", "autonomy", level, level) for level in ("auto", "approve", "propose")),
        *_dry_run(),
        *(variations.option("who can tell whether it helped", "verified_by", by, by) for by in ("own rule", "nobody")),
        *(variations.option("asked before", "asked", value, said, lambda found: "yes" if found else "no") for value, said in ((True, "yes"), (False, "no"))),
        variations.edit("a person's approval", lambda f: changed(f, approval=answer, when=f.approval is None or not f.approval.approved), "none", "given"),
        variations.edit("a person's rejection", lambda f: changed(f, approval=no, when=f.approval is None or f.approval.approved), "none", "given"),
    )  # fmt: skip


def _gate(facts: permission.Facts, name: str, other: Allow | Hold) -> Variation[Any]:
    def change(facts: permission.Facts) -> permission.Facts | None:
        return changed(facts, **{name: other, "when": getattr(facts, name).kind != other.kind})

    return variations.edit(f"gate {name.capitalize()}", change, getattr(facts, name).kind, other.kind)


def acting(_facts: autonomy.Facts) -> Variations:
    """The switches, the autonomy and the dry run."""
    return (
        *switches("control"),
        *(variations.option("autonomy", "autonomy", level, level) for level in ("auto", "propose")),
        *_dry_run(),
    )  # fmt: skip


def _dry_run() -> Variations:
    return tuple(
        variations.option("dry run", "dry_run", value, said, lambda found: "on" if found else "off")
        for value, said in ((True, "on"), (False, "off"))
    )


def _passed(name: str) -> Check:
    return Check(name=name, outcome="passed", detail="")


def _check(check: Check, outcome: str) -> Variation[Any]:
    def change(facts: Any) -> Any:
        found = facts.proof.checks if facts.proof else ()
        if check not in found:
            return None
        other = check.model_copy(update={"outcome": outcome})
        return variations.put(facts, "proof.checks", tuple(other if item == check else item for item in found))

    return variations.edit(f"check {check.name}", change, check.outcome, outcome)


def _completed(facts: Any, absent: list[str]) -> Any:
    if facts.proof is None or not absent:
        return None
    missing = [name for name in absent if name not in {check.name for check in facts.proof.checks}]
    added = tuple(_passed(name) for name in missing)
    return variations.put(facts, "proof.checks", (*facts.proof.checks, *added)) if added else None


def _stands(inspection: Any) -> bool:
    verdict = inspection.verdict if isinstance(inspection, Decision) else inspection
    return isinstance(verdict, Allow)


def _agrees(facts: Any) -> bool:
    review = facts.review
    return review is not None and review.remedy_digest == facts.remedy_digest and not review.objections
