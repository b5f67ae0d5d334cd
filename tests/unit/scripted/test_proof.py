"""The doubles that run nothing."""

from datetime import timedelta

import pytest

from incident.errors import Unavailable
from incident.evidence import ErrorLog, Missing
from incident.remedy import Patch
from tools import ports, scripted
from tools.scripted.clock import ManualClock

RAN = ports.Ran(exit_code=0, stdout="ok", stderr="", seconds=0.1)
JOB = ports.Job(argv=("true",), tree="/nowhere")
PATCH = Patch(service="orders", base_commit="c", path="a.py", function="f", edits=(), diff="", summary="s")


def setting() -> tuple[scripted.ScriptedWorld, ErrorLog, ports.Component]:
    clock = ManualClock()
    world = scripted.incident_world(clock)
    clock.advance(10)
    logged = world.logs.errors("orders", clock.now() - timedelta(seconds=10), clock.now())
    component = world.repository.component("orders")
    assert not isinstance(logged, Missing)
    assert not isinstance(component, Missing)
    return world, next(log for log in logged if log.exception == "AttributeError"), component


def test_a_sandbox_answers_in_turn_and_remembers_what_it_was_asked() -> None:
    sandbox = scripted.ScriptedSandbox([RAN])
    assert sandbox.run(JOB) == RAN
    assert sandbox.jobs == [JOB]


def test_a_sandbox_with_nothing_left_refuses_rather_than_passes() -> None:
    with pytest.raises(Unavailable):
        scripted.ScriptedSandbox([]).run(JOB)


def test_a_prover_reproduces_only_what_was_captured() -> None:
    world, log, component = setting()
    prover = scripted.ScriptedProver(lambda _: "passed")
    runtime = world.platform.runtime("orders")
    assert log.signature is not None
    captured = world.captures.recorded("orders", "failed", log.at - timedelta(seconds=5), log.at)
    assert not isinstance(captured, Missing)
    found = prover.reproduce("c", component, runtime, captured, log.signature)
    assert not isinstance(found, Missing)
    assert found.capture.exception == "AttributeError"
    other = log.signature.model_copy(update={"exception": "KeyError"})
    assert isinstance(prover.reproduce("c", component, runtime, captured, other), Missing)
    assert isinstance(prover.reproduce("c", component, runtime, (), log.signature), Missing)
    cut = tuple(one.model_copy(update={"truncated": True}) for one in captured)
    assert isinstance(prover.reproduce("c", component, runtime, cut, log.signature), Missing)


@pytest.mark.parametrize("outcome", ["passed", "failed", "unknown"])
def test_a_prover_says_what_it_was_told_and_binds_it_to_the_patch(outcome: str) -> None:
    world, log, component = setting()
    prover = scripted.ScriptedProver(lambda _: outcome)  # type: ignore[arg-type,return-value]  # the three outcomes
    runtime = world.platform.runtime("orders")
    assert log.signature is not None
    captured = world.captures.recorded("orders", "failed", log.at - timedelta(seconds=5), log.at)
    assert not isinstance(captured, Missing)
    found = prover.reproduce("c", component, runtime, captured, log.signature)
    assert not isinstance(found, Missing)
    proof = prover.prove(PATCH, component, runtime, found, ())
    assert (proof.outcome, proof.remedy_digest, proof.base) == (outcome, PATCH.digest(), "c")
