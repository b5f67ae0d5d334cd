"""Causes that come on slowly in a process: a volume of logs that fills up and a release that leaks."""

from evals.bench.diagnosis.grammar.changes import Made
from evals.bench.diagnosis.grammar.effects import Drift, Effect
from evals.bench.diagnosis.grammar.plan import Ground, Named, Plan
from evals.bench.diagnosis.grammar.records import Causes
from evals.bench.diagnosis.grammar.series import OF_STACK
from evals.bench.diagnosis.kinds.kind import Kind


def volume_fills(ground: Ground) -> Plan:
    """Somebody turns on detailed logs and forgets about it; the volume is full much later, and writing fails."""
    dice, node = ground.dice, ground.node()
    at = dice.uniform(0.1, 0.6) * ground.onset
    effects = (
        Effect(node.id, at, says="detail"),
        Effect(node.id, ground.onset, ground.end, share=dice.uniform(0.3, 1.0), fails="disk"),
    )
    return Plan(
        causes=Causes(effects),
        drifts=(Drift(node.id, "disk_used_ratio", at, end=ground.end, to=1.0, over=ground.onset - at),),
        change=Made("config", node.id, at, noun=ground.words()[0], setting="log_level", old="info", new="debug"),
        right=(Named("change"),),
        near=(Named("node", node.id),),
        victims=(node.id,),
        hides=(node.id,),
    )


def release_leaks(ground: Ground) -> Plan:
    """A release keeps what it should let go; long after, collecting or switching takes most of the time."""
    dice, node = ground.dice, ground.node()
    noun, field, verb = ground.words()
    at = dice.uniform(0.02, 0.15) * ground.seconds
    grows = dice.uniform(2, 5) / (ground.onset - at)
    slow = Effect(
        node.id,
        ground.onset,
        ground.end,
        factor=dice.uniform(6, 15),
        adds_ms=dice.uniform(80, 300),
        ramp=dice.uniform(0.3, 0.8) * (ground.seconds - ground.onset),
        deploy=True,
    )
    return Plan(
        causes=Causes((slow,), rollouts=((node.id, at, 1.0),)),
        drifts=(
            Drift(node.id, OF_STACK[node.stack][0], at, per_second=grows, end=ground.end),
            Drift(node.id, "memory_bytes", at, per_second=0.5 * grows, end=ground.end),
        ),
        change=Made("deploy", node.id, at, noun, field, verb),
        right=(Named("change"),),
        near=(Named("node", node.id),),
        victims=(node.id,),
        hides=(node.id,),
        noun=noun,
        field=field,
        verb=verb,
    )


KINDS = (
    Kind("logs fill a volume", volume_fills),
    Kind("release leaks for hours", release_leaks),
)
