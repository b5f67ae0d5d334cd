"""Words for the questions, answers and constraints of policies.  Pure; a name that is not here is shown as it is."""

from collections.abc import Mapping
from types import MappingProxyType

QUESTIONS: Mapping[str, str] = MappingProxyType(
    {
        "triage.assess": "Is anything wrong at all?",
        "correlate.group": "Which service do the failures come from?",
        "assertions.check": "Which explanations survive a check against the evidence?",
        "search.next": "What is looked into next?",
        "remedies.rank": "What should be done about it?",
        "patch_rules.inspect": "Is the patch small, in its place, and honest?",
        "retry.next": "Is another try at a patch worth it?",
        "evidence_gate.judge": "Gate Evidence: is the cause established?",
        "risk.assess": "How risky is the change?",
        "proof_gate.judge": "Gate Proof: did the change prove itself?",
        "reach_gate.judge": "Gate Reach: may it go this far, now?",
        "stages.plan": "Can this platform carry the change out, and by which shares?",
        "gates.open": "May the change be made?",
        "conflicts.judge": "Is another incident changing something nearby?",
        "autonomy.may_act": "May the next effect happen, at this very moment?",
        "canary.judge": "Does the canary prove itself?",
        "verify.judge": "Is the service healed?",
        "suspects.rank": "Who or what is suspected?",
    }
)

ANSWERS: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("triage.assess", "investigate"): "Yes: it is investigated",
        ("triage.assess", "no_action"): "No: nothing is done",
        ("assertions.check", "leading"): "The leading one stands",
        ("assertions.check", "none"): "None",
        ("suspects.rank", "somebody"): "The first of the list",
        ("suspects.rank", "nobody"): "Nobody stands out",
        ("search.next", "follow"): "The next hypothesis",
        ("search.next", "look"): "Another service",
        ("search.next", "end"): "Nothing: the search ends",
        ("remedies.rank", "patch"): "Mend the code",
        ("remedies.rank", "roll_back"): "Go back to the version before",
        ("remedies.rank", "revert_config"): "Undo the configuration change",
        ("remedies.rank", "restart"): "Restart it",
        ("remedies.rank", "scale"): "Run more of it",
        ("remedies.rank", "wait"): "Wait",
        ("remedies.rank", "ask_human"): "Ask a person",
        ("retry.next", "revise"): "Yes",
        ("retry.next", "give_up"): "No: the change is refused",
        ("retry.next", "escalate"): "No: a person is asked",
        ("conflicts.judge", "independent"): "No",
        ("conflicts.judge", "wait"): "Yes: it goes first",
        ("conflicts.judge", "order"): "Yes, and this change builds on it: it goes first",
        ("conflicts.judge", "merge"): "Yes, and it mends this, too",
        ("conflicts.judge", "escalate"): "Yes: a person is asked",
        ("canary.judge", "hold"): "Not yet",
        ("canary.judge", "advance"): "So far: more traffic",
        ("canary.judge", "promote"): "Yes: all traffic",
        ("canary.judge", "finish"): "Yes: on to verification",
        ("canary.judge", "roll_back"): "No: it is taken back",
        ("verify.judge", "watch"): "Not yet: watched on",
        ("verify.judge", "extend"): "Unclear: watched for longer",
        ("verify.judge", "healed"): "Yes",
        ("verify.judge", "roll_back"): "No: it is taken back",
        ("verify.judge", "ask"): "Unclear to the end: a person is asked",
    }
)
"""Answers by policy and choice; every other policy answers with its verdict."""

VERDICTS: Mapping[str, str] = MappingProxyType({"allow": "Yes", "hold": "Not without a person", "deny": "No"})

BECOMES: Mapping[str, str] = MappingProxyType(
    {"allow": "it would have gone ahead", "hold": "it would have been held", "deny": "it would have been refused"}
)

CONSTRAINTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "changeable": ("the platform can change it", "the platform cannot change it"),
        "no_other_owner": ("nobody else writes the same objects", "somebody else writes the same objects"),
        "startable": ("a new version can be started", "a new version cannot be started"),
        "shares": ("the shares of a rollout can be set", "the shares of a rollout cannot be set"),
        "counted_by_router": ("the router counts the requests", "the version counts its own requests"),
        "everything_known": ("everything needed could be measured", "something could not be measured"),
        "enough_samples": ("enough requests were measured", "too few requests were measured"),
        "no_excess_errors": ("the service hardly fails", "the service fails too often"),
        "inside_threshold": ("inside the alert's threshold", "outside the alert's threshold"),
        "topology_known": ("it is known who calls whom", "it is not known who calls whom"),
        "not_handled_yet": ("nobody handles it already", "it is already being handled"),
        "kinds": ("enough kinds of evidence", "too few kinds of evidence"),
        "unforgeable": ("evidence that the workload cannot write", "nothing that the workload cannot write"),
        "not_disproved": ("the disproving check ran and did not disprove it", "the disproving check did not clear it"),
        "confidence": ("the computed confidence suffices", "the computed confidence is too low"),
        "switches": ("no switch is set", "a switch is set"),
        "freeze_window": ("no freeze window", "a freeze window"),
        "blast_radius": ("the blast radius is within bounds", "the blast radius"),
        "budget": ("changes are left in this hour", "the hour's changes are used up"),
        "breaker": ("tries are left for this alert", "the breaker is open"),
        "flap": ("no flapping", "flapping"),
        "severity": ("not critical", "the severity"),
        "risk": ("the risk is low enough", "the risk"),
        "kill_switch": ("the kill switch is not set", "the kill switch is set"),
        "not_aborted": ("nobody aborted it", "it was aborted"),
        "not_paused": ("nobody paused it", "it is paused"),
        "autonomy": ("the autonomy that was granted allows it", "the autonomy that was granted does not allow it"),
        "tries_left": ("tries are left", "no try is left"),
        "rounds_left": ("investigations are left", "no investigation is left"),
        "remedies_left": ("remedies may still be tried", "no remedy may be tried any more"),
        "baked": ("watched for long enough", "not watched for long enough yet"),
        "measured": ("every reading is live", "some readings are missing or old"),
        "no_gap": ("read without a gap", "there are gaps between the readings"),
        "not_firing": ("the world no longer fires", "the world still fires, or its last reading is missing"),
        "neighbours_well": ("no neighbour is worse", "a neighbour is worse, or unknown"),
        "signature_gone": ("the incident's own error is gone", "the incident's own error is still seen"),
    }
)
"""Phrases of each constraint: when it held, and when it did not."""


PLAIN = ("measured", "not_firing", "neighbours_well", "switches", "freeze_window", "flap")
"""Constraints whose detail adds nothing when they hold."""


def question(policy: str) -> str:
    """Return the question of a policy."""
    return QUESTIONS.get(policy, policy)


def answer(policy: str, choice: str, verdict: str) -> str:
    """Return the answer of a policy, in a few words."""
    if (policy, choice) in ANSWERS:
        return ANSWERS[policy, choice]
    return VERDICTS[verdict] if choice in ("", verdict) else plain(choice)


def named(policy: str, choice: str, verdict: str) -> str:
    """Return the choice of a policy that chooses among services, as a name; empty for any other answer."""
    return choice if policy == "correlate.group" and verdict == "allow" else ""


def constraint(name: str, *, held: bool, detail: str) -> str:
    """Return a constraint as a phrase, with its detail."""
    if name.startswith("hypothesis_"):
        return f"{plain(name)} {detail}"
    if held and name in PLAIN:
        detail = ""
    phrases = CONSTRAINTS.get(name)
    said = (phrases[0] if held else phrases[1]) if phrases else f"{plain(name)}{'' if held else ' does not hold'}"
    return f"{said} ({detail})" if detail and detail != said else said


def plain(name: str) -> str:
    """Return a name without its underscores; hypotheses are counted from one."""
    number = name.removeprefix("hypothesis_")
    if number != name and number.isdecimal():
        return f"explanation {int(number) + 1}"
    return name.replace("_", " ")
