"""Judgement of a canary: folds one look into the memory and chooses how to go on.

The stable version is the sick one, so "no worse than stable" proves nothing.  `policies.rollout.questions`
asks instead whether errors of other kinds rise, whether all errors stay near the rate from before the
incident, and whether the incident's own signature is gone while such requests reach the canary.

Widening 10 -> 50 asks every question at the square root of 1/beta: a canary that cures nothing is no worse
than the sick stable beside it, and one that harms is bounded by the alarms, which go on.  50 -> 100 asks
for everything at 1/beta.  At 100 % no control group is left: the stage ends after its dwell unless the healthy
rate is exceeded.  After the deadline nothing is widened, whatever the evidence says.

Recorded answers (`policies.rollout.answers`) may only take back or hold: at any look a clear difference from the stable
version's answers rolls back, like an alarm, and one that may still be chance turns each step forward into hold.
"""

from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime, Field

from incident.decision import Allow, Constraint, Deny, Hold, Reason, Verdict, because
from incident.rollout import STAGES, Answers, Arm, Baseline, Blind, CanaryMemory, Look
from incident.value import Value
from policies import limits
from policies.policy import Judgement, Policy
from policies.rollout import answers, looks, questions, trend

NAME = "canary.judge"
VERSION = 3

Choice = Literal["hold", "advance", "promote", "finish", "roll_back"]


class Facts(Value):
    """The memory, one look, and the baseline and limits that it is judged by."""

    memory: CanaryMemory
    look: Look | Blind
    baseline: Baseline
    limits: limits.Canary
    now: AwareDatetime
    stage_weights: tuple[int, ...] = STAGES
    # Left out of the encoding where nothing was compared, as in every record from before the field was there.
    answers: Answers | None = Field(default=None, exclude_if=lambda answers: answers is None)
    """Recorded answers of both versions; None where there is nothing to compare, which changes nothing."""


class Seen(Value):
    """Findings of one look: evidence as logarithms of e-values, each beside the bar that it has to reach."""

    weight: int
    blind: int
    alarm_log: dict[questions.Question, float]
    harm_log: float
    harm_at_log: float
    promotion_log: dict[questions.Question, float]
    promotion_at_log: float
    memory: trend.Growth
    cpu: trend.Growth
    canary: Arm | None
    stable: Arm | None


class Result(Value):
    """Memory for the next look, and the findings of this one."""

    memory: CanaryMemory
    evidence: Seen


def start(now: datetime, bounds: limits.Canary) -> CanaryMemory:
    """Return the memory of a canary that begins now."""
    return CanaryMemory(stage_started=now, deadline=now + timedelta(seconds=bounds.stage_deadline_seconds))


def judge(facts: Facts) -> Judgement[Choice, Result]:
    """Choose hold, advance, promote, finish or roll_back, and fold the look into the memory."""
    memory, look = facts.memory, facts.look
    known = questions.standard(facts.baseline, facts.limits)
    # No evidence could ever be enough, so there is nothing to wait for.
    if isinstance(known, Reason):
        return _decision(facts, memory, "roll_back", because("cannot_be_judged", why=known))
    if isinstance(look, Blind):
        return _blind(facts, because("look_missing", why=look.missing.reason))
    unusable = looks.problem(memory, look, facts.stage_weights[memory.stage], facts.now, facts.limits)
    if unusable:
        return _blind(facts, unusable)
    # Weights change between two looks, so a stage starts counting at its first look.
    if memory.last is None or memory.first_in_stage is None:
        started = _remember(facts, look, memory.model_copy(update={"first_in_stage": look}))
        return _in_time(facts, started, because("first_look"))
    step = looks.step(memory, memory.last, look)
    products = questions.fold(memory, step, known, facts.limits)
    folded = _remember(
        facts, look, memory.model_copy(update={"products": products, "tally": looks.tally(memory, step)})
    )
    return _judge(facts, folded, look, memory.first_in_stage)


def _judge(facts: Facts, memory: CanaryMemory, look: Look, first: Look) -> Judgement[Choice, Result]:
    bounds = facts.limits
    harm, bar = questions.harm(memory.products), questions.level(bounds.alpha)
    # Harm is asked first: neither time nor too few requests may hide it.
    if harm >= bar:
        loud = tuple(_ALARM[name] for name in questions.loud(memory.products, bar))
        return _decision(facts, memory, "roll_back", because("alarm", alarms=loud, log=round(harm, 9)))
    growing = _growing(memory, bounds)
    if growing:
        return _decision(facts, memory, "roll_back", growing)
    strange = answers.clear(facts.answers, bounds)
    if strange:
        return _decision(facts, memory, "roll_back", strange)
    if facts.now >= memory.deadline:
        return _in_time(facts, memory, Reason())
    waits = _waits(memory, look, first, bounds)
    if waits:
        return _decision(facts, memory, "hold", waits)
    last_stage = memory.stage == len(facts.stage_weights) - 1
    onward = _finish(facts, memory) if last_stage else _widen(facts, memory, look)
    unclear = answers.unclear(facts.answers, bounds)
    # From the memory of this stage: what is held goes on where it is.
    return _decision(facts, memory, "hold", unclear) if unclear and onward.choice != "hold" else onward


def _waits(memory: CanaryMemory, look: Look, first: Look, bounds: limits.Canary) -> Reason:
    """Reason that nothing is widened on this look, whatever it shows; empty when it may be."""
    # Whoever is judged must not be the one who counts: such counts may take back, and never widen.
    if look.counted_by == "workload":
        return because("self_counted")
    if memory.unsteady:
        return because("unsteady", looks=memory.unsteady)
    served = look.canary.requests - first.canary.requests
    if served < bounds.min_requests:
        return because("too_few_requests", served=served, needed=bounds.min_requests)
    return Reason()


def _growing(memory: CanaryMemory, bounds: limits.Canary) -> Reason:
    """Reason that the canary leaks memory or CPU; empty when it does not."""
    if trend.verdict(memory.memory_trend, bounds.memory) == "growing":
        return because("memory_grows")
    if trend.verdict(memory.cpu_trend, bounds.cpu) == "growing":
        return because("cpu_grows")
    return Reason()


def _finish(facts: Facts, memory: CanaryMemory) -> Judgement[Choice, Result]:
    dwelt = (facts.now - memory.stage_started).total_seconds()
    if dwelt < facts.limits.dwell_seconds:
        reason = because("dwelling", seconds=dwelt, needed=facts.limits.dwell_seconds)
        return _decision(facts, memory, "hold", reason)
    return _decision(facts, memory, "finish", because("no_alarm_at_full_traffic"))


def _widen(facts: Facts, memory: CanaryMemory, look: Look) -> Judgement[Choice, Result]:
    """Widen, or hold for what is not shown yet; the last step to full traffic asks for everything."""
    to_full = memory.stage == len(facts.stage_weights) - 2
    missing = _missing(facts, memory, look, to_full=to_full)
    if missing:
        return _decision(facts, memory, "hold", because("not_shown", missing=missing))
    choice: Choice = "promote" if to_full else "advance"
    wider = _next_stage(facts, memory)
    return _decision(facts, wider, choice, because("cured"))


def _missing(facts: Facts, memory: CanaryMemory, look: Look, *, to_full: bool) -> tuple[Reason, ...]:
    bounds = facts.limits
    full = questions.level(bounds.beta)
    # Half of the logarithm is the square root of the e-value.
    bar = full if to_full else full / 2.0
    missing = [_OPEN[name] for name in questions.PROMOTIONS if questions.promotion(memory.products, name) < bar]
    exposed = look.canary.exposed
    # None seen is unknown, not fixed: the split alone is misled by users who stick to one version.
    if to_full and exposed is not None and exposed < bounds.min_exposed:
        missing.append(because("exposure_not_shown"))
    if to_full and trend.untold(memory.memory_trend, bounds.memory):
        missing.append(because("memory_not_shown"))
    if to_full and trend.untold(memory.cpu_trend, bounds.cpu):
        missing.append(because("cpu_not_shown"))
    return tuple(missing)


def _blind(facts: Facts, reason: Reason) -> Judgement[Choice, Result]:
    # A blind look is never a pass: it counts against the canary, and good ones must follow it before anything widens.
    memory = facts.memory.model_copy(update={"blind": facts.memory.blind + 1, "unsteady": facts.limits.steady_looks})
    if memory.blind >= facts.limits.max_blind_looks:
        return _decision(facts, memory, "roll_back", because("blind_too_long", looks=memory.blind, why=reason))
    return _in_time(facts, memory, because("blind", why=reason))


def _in_time(facts: Facts, memory: CanaryMemory, reason: Reason) -> Judgement[Choice, Result]:
    if facts.now >= memory.deadline:
        return _decision(facts, memory, "roll_back", because("not_in_time"))
    return _decision(facts, memory, "hold", reason)


def _remember(facts: Facts, look: Look, memory: CanaryMemory) -> CanaryMemory:
    seconds = (look.at - memory.stage_started).total_seconds()
    update = {
        "last": look,
        "blind": 0,
        "unsteady": max(0, facts.memory.unsteady - 1),
        "other_seen": looks.others(facts.memory, look),
        "memory_trend": trend.add(memory.memory_trend, seconds, look.canary.memory_bytes, look.stable.memory_bytes),
        "cpu_trend": trend.add(memory.cpu_trend, seconds, look.canary.cpu_ms, look.stable.cpu_ms),
    }
    return memory.model_copy(update=update)


def _next_stage(facts: Facts, memory: CanaryMemory) -> CanaryMemory:
    passed = (facts.now - memory.stage_started).total_seconds()
    return memory.model_copy(
        update={
            "stage": memory.stage + 1,
            "stage_started": facts.now,
            "deadline": facts.now + timedelta(seconds=facts.limits.stage_deadline_seconds),
            # Counts of the old weight must not enter the split of the new one.
            "first_in_stage": None,
            "memory_trend": trend.shift(memory.memory_trend, passed),
            "cpu_trend": trend.shift(memory.cpu_trend, passed),
        }
    )


_ALARM: dict[questions.Question, Reason] = {
    "other": because("other_errors_rose"),
    "all": because("more_errors_than_before"),
    "slow": because("more_slow_answers"),
}
_OPEN: dict[questions.Question, Reason] = {
    "cured": because("cure_not_shown"),
    "other": because("other_errors_not_shown"),
    "all": because("all_errors_not_shown"),
    "slow": because("slow_answers_not_shown"),
}


def _decision(facts: Facts, memory: CanaryMemory, choice: Choice, reason: Reason) -> Judgement[Choice, Result]:
    return Judgement[Choice, Result](
        policy=NAME,
        version=VERSION,
        verdict=_verdict(choice, reason),
        choice=choice,
        constraints=_constraints(facts, memory),
        result=Result(memory=memory, evidence=_evidence(facts, memory)),
    )


def _verdict(choice: Choice, reason: Reason) -> Verdict:
    match choice:
        case "hold":
            return Hold(reason=reason)
        case "roll_back":
            return Deny(reason=reason)
        case "advance" | "promote" | "finish":
            return Allow(reason=reason)


def _constraints(facts: Facts, memory: CanaryMemory) -> tuple[Constraint, ...]:
    harm, bar = questions.harm(memory.products), questions.level(facts.limits.alpha)
    other, every, slow = (round(questions.alarm(memory.products, name), 9) for name in questions.ALARMS)
    found = because("harm", log=round(harm, 9), bar=round(bar, 9), other=other, all=every, slow=slow)
    return (
        Constraint(name="no_harm", held=harm < bar, detail=found),
        *(
            Constraint(
                name=f"{name}_does_not_grow",
                held=trend.verdict(points, bounds) != "growing",
                detail=because("by_trend"),
            )
            for name, points, bounds in (
                ("memory", memory.memory_trend, facts.limits.memory),
                ("cpu", memory.cpu_trend, facts.limits.cpu),
            )
        ),
        *answers.constraints(facts.answers, facts.limits),
    )


def _evidence(facts: Facts, memory: CanaryMemory) -> Seen:
    products, bounds, last = memory.products, facts.limits, memory.last
    return Seen(
        weight=facts.stage_weights[facts.memory.stage],
        blind=memory.blind,
        alarm_log={name: round(questions.alarm(products, name), 9) for name in questions.ALARMS},
        harm_log=round(questions.harm(products), 9),
        harm_at_log=round(questions.level(bounds.alpha), 9),
        promotion_log={name: round(questions.promotion(products, name), 9) for name in questions.PROMOTIONS},
        promotion_at_log=round(questions.level(bounds.beta), 9),
        memory=trend.verdict(memory.memory_trend, bounds.memory),
        cpu=trend.verdict(memory.cpu_trend, bounds.cpu),
        canary=last.canary if last else None,
        stable=last.stable if last else None,
    )


POLICY = Policy(NAME, VERSION, Facts, Result, judge)
