"""Forms of why an incident ended and of what became of its changes, and all the forms of an ending."""

import re

from evals.truth import claims, lines, next_steps, reasons, words
from evals.truth.findings import FORMS as FINDINGS
from evals.truth.form import Form, form
from evals.truth.record import DONE, Body, Run, flat

NODES = (
    "intake|correlate|claim|gather|diagnose|search|plan|write_patch|prove|review|assess|gate|lock|approve|canary|observe|verify"
    "|roll_back|escalate|close|rescue|node"
)


def _reason(run: Run, found: re.Match[str]) -> bool:
    return any(
        claims.supported(event.body["facts"], made["verdict"]["reason"], found["what"]) and claims.faithful(run, event)
        for event, made in run.decided()
    )


def _healed(run: Run, found: re.Match[str]) -> bool:
    proposed, judged = run.last("proposed"), run.decided("verify.judge")
    if proposed is None or not judged or judged[-1][1]["choice"] != "healed":
        return False
    named = lines.remedied(proposed["remedy"], found["remedy"])
    return named and reasons.says(judged[-1][1]["verdict"]["reason"], found["what"])


def _no_service(run: Run, _: re.Match[str]) -> bool:
    return all(became is not None and became["result"] in ("not_done", "refused") for _, became in run.effects())


def _not_known(run: Run, found: re.Match[str]) -> bool:
    lost = {
        str(intent["target"])
        for intent, became in run.effects()
        if became is not None and became["result"] == "unknown"
    }
    # What was intended before an undo came to its end is settled by it.
    ends = [index for index, event in enumerate(run.events) if event.kind == "acted" and _ends_undo(event.body)]
    after = run._replace(events=run.events[max(ends, default=-1) + 1 :])
    lost |= {str(intent["target"]) for intent, became in after.effects() if became is None}
    return set(words.names(found["names"])) == lost


def _ends_undo(acted: Body) -> bool:
    return acted["result"] in DONE and str(acted["detail"]).startswith(("undo-remove", "undo-done"))


def _no_remedy(run: Run, found: re.Match[str]) -> bool:
    leading = run.leading()
    ranked = [pair for pair in run.decided("remedies.rank") if pair[0].body["facts"]["hypothesis"] == leading]
    if leading is None or not ranked or ranked[-1][1]["choice"] != "ask_human":
        return False
    event, made = ranked[-1]
    tried = [one for one in made["alternatives"] if one["name"] in ("revert_config", "roll_back", "patch")]
    return _each(found["list"], tried, event.body["facts"])


def _each(text: str, alternatives: list[Body], facts: Body) -> bool:
    """True when the text lists these alternatives, in their order, each with its own reason."""
    starts = [text.find(f"{one['name']}: ") for one in alternatives]
    if not starts or starts[0] != 0 or sorted(starts) != starts:
        return False
    parts = [text[start:end].removesuffix("; ") for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
    return all(
        claims.supported(facts, one["why_not"], part.removeprefix(f"{one['name']}: "))
        for one, part in zip(alternatives, parts, strict=True)
    )


def _traffic(run: Run, found: re.Match[str]) -> bool:
    """True when the effects put the traffic there, or took it nowhere else."""
    weights = [
        intent["change"]["weights"]
        for intent, became in run.effects()
        if intent["change"].get("kind") == "weights" and (became is None or became["result"] in DONE)
    ]
    said = {name: int(share) for name, share in re.findall(r"(\S+) (\d+) %", found["weights"])}
    routed = {name: share for name, share in weights[-1].items() if share} if weights else None
    # Where only a version was started beside the others, the traffic never left.
    started = any(intent["change"].get("kind") in ("deploy", "configure", "restart") for intent, _ in run.effects())
    return routed == said or (routed is None and started)


def _untold(run: Run, _: re.Match[str]) -> bool:
    return not any(event.body["delivered"] for event in run.of("told")[-3:])


def _answered(run: Run, found: re.Match[str]) -> bool:
    asked = [event.body for event in run.of("answered")]
    return any((one["agent"], one["model"], one["why"]) == found.group("agent", "model", "why") for one in asked)


def _rounds(run: Run, found: re.Match[str]) -> bool:
    return len(run.rounds()) == int(found["count"])


def _recovered(run: Run, _: re.Match[str]) -> bool:
    body = run.last("recovered")
    if body is None or body["measurement"]["firing"]:
        return False
    value, bound = body["measurement"]["value"], body["condition"]["threshold"]
    over = {">": value > bound, ">=": value >= bound, "<": value < bound, "<=": value <= bound}
    return not over[body["condition"]["comparison"]]


def _handled(run: Run, found: re.Match[str]) -> bool:
    return run.siblings is None or found["other"] in run.siblings


def _quoted(run: Run, found: re.Match[str]) -> bool:
    """True when the ending was given these words: of what a store or the platform answered, the journal holds no more."""
    said = flat(found[0].removeprefix("Why: ")).rstrip(".…").casefold()
    return not run.stop or said in flat(run.stop).casefold()


def _fate(run: Run, _: re.Match[str]) -> bool:
    """True when no effect of this incident stands at a service by the record."""
    return all(became is None or became["result"] in ("not_done", "refused") for _, became in run.effects())


def _taken_back(run: Run, _: re.Match[str]) -> bool:
    return any(became is not None and became["result"] in DONE for _, became in run.effects())


WHY: tuple[Form, ...] = (
    form("reason", "(?:Why: )?(?:(?:healed|rolled back|rejected|no action): )?(?P<what>.+)", _reason),
    form("tampered", r"(?:Why: )?(?:\S+ has acted, and its checkpoints are gone|.*decisions\.jsonl .+)", _quoted),
    form("healed", r"Healed by (?P<remedy>.+?\)): (?P<what>.+)", _healed),
    form("stopped", rf"(?:Why: )?(?:[a-z ]+: )?(?:{NODES}): .+", _quoted),
    form("own changes", "This incident changed no service", _no_service),
    form("not known", "What became of this incident's last change of (?P<names>.+) is not known", _not_known),
    form("no remedy", "No remedy fits: (?P<list>.+)", _no_remedy),
    form("traffic", r"(?:Why: )?(?:taken back: )?traffic is back on (?P<weights>\S+ \d+ %(?:, \S+ \d+ %)*)", _traffic),
    form("no mark", "no mark of a change stood at it", _quoted),
    form("fate", "this incident had changed no service", _fate),
    form("taken back", "what had been changed was taken back before", _taken_back),
    form("untold", "and nobody could be told", _untold),
    form("answered", r"(?:Why: )?(?P<agent>\w+): (?P<model>.+) was asked and (?P<why>.+)", _answered),
    form(
        "rounds",
        r"(?:Why: )?the cause could not be established in (?P<count>\d+) investigations, and no more may be made",
        _rounds,
    ),
    form(
        "recovered",
        "(?:Why: )?the alert(?:'s condition is back inside its threshold, read while a person was asked"
        "| recovered while this incident waited for another one's change)",
        _recovered,
    ),
    form("handled", r"(?:Why: )?\S+ is already being handled by (?P<other>\S+)", _handled),
    form("locked", r"(?:Why: )?\S+ stayed locked by .+ for \d+ s", _quoted),
    form("waited", r"(?:Why: )?waited \d+ s in vain: (?P<what>.+)", _reason),
    form("chain", "(?:Why: )?the audit chain does not verify: .+", _quoted),
    form("mark", r"(?:Why: )?\S+ carries a mark of an unfinished change that cannot be believed: .+", _quoted),
    form(
        "unbooked",
        r"(?:Why: )?(?:what others left was taken back, but )?.+ could not be recorded"
        "(?: and stands in the emergency log)?",
        _quoted,
    ),
    form("idle", "the replaced version still runs idle: .+", _taken_back),
    form("stays", "the change stays|the change was verified before that, and it stays", _taken_back),
    form("unsettled", "the change stays, and (?:is not settled, because|settling it failed).+", _quoted),
    form("not undone", r"(?:not undone|not taken back), because somebody newer owns \S+: .+", _quoted),
    form("undoing", r"and undoing it failed: .+|it was NOT taken back, so look at \S+: .+", _quoted),
    form("unknown here", r"whether \S+ carries a change of this incident is not known .+", _quoted),
    form("fate", r"\S+ carries no change of this incident", _quoted),
    form("unwritten", "not written down: .+|mend that, then run .+", _quoted),
    form("resumed", r"(?:Why: )?could not be resumed in \d+ tries since .+", _quoted),
    form("broken", r"(?:Why: )?it(?: cannot be resumed: |s journal does not verify ).+", _quoted),
    form("running", "what runs (?:there|on .+) is not known.*", _quoted),
    form("nothing of it", "nothing of it stands at its service|it had changed nothing", _fate),
    form("another's", r"the change that stands at \S+ is another's", _quoted),
)

FORMS: tuple[Form, ...] = (*FINDINGS, *WHY, *next_steps.FORMS)
