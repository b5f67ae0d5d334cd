"""The way from a command to what it does stays short enough to be followed: functions of ours, one calling the next."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import graph
from graph.nodes.intake import intake
from incident.workload import SetWeights, Workload
from policies.diagnosis import triage
from tests.unit.graph import faults
from tools import ports
from tools.scripted.clock import ManualClock
from tools.scripted.world import incident_world

ROOT = Path(graph.__file__).resolve().parents[1]
PRODUCT = tuple(f"{ROOT / name}/" for name in ("agents", "graph", "incident", "policies", "tools"))

NODE, POLICY, EFFECT = 5, 7, 9
"""Functions that the command's own function calls on the way to the first node, a policy, and a shift of traffic."""


def ours(frame: FrameType | None) -> Iterator[str]:
    while frame is not None:
        if frame.f_code.co_filename.startswith(PRODUCT):
            yield f"{Path(frame.f_code.co_filename).relative_to(ROOT)}:{frame.f_code.co_qualname}"
        frame = frame.f_back


class Platform:
    """A platform that notes by which way traffic was first shifted."""

    def __init__(self, real: ports.Platform) -> None:
        self._real = real
        self.way: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def change(self, *arguments: Any, **named: Any) -> Workload:
        if isinstance(arguments[1], SetWeights):
            self.way = self.way or [*ours(sys._getframe())][::-1]
        return self._real.change(*arguments, **named)


def until_found(codes: dict[CodeType, str], found: dict[str, list[str]]) -> Callable[[FrameType, str, object], None]:
    """A profile function that notes how each function was first called, and then costs no more."""

    def called(frame: FrameType, event: str, _: object) -> None:
        name = codes.get(frame.f_code) if event == "call" else None
        if name is not None:
            found.setdefault(name, [*ours(frame)][::-1])
            if len(found) == len(codes):
                sys.setprofile(None)

    return called


def test_from_a_command_to_a_node_a_policy_and_an_effect_few_functions_call_each_other(tmp_path: Path) -> None:
    clock = ManualClock()
    world = incident_world(clock)
    platform = Platform(world.platform)
    world.platform = platform
    at = faults.scene(tmp_path, clock, world, faults.Fault(()))
    clock.advance(30)
    ways: dict[str, list[str]] = {}
    sys.setprofile(until_found({intake.__code__: "node", triage.assess.__code__: "policy"}, ways))
    try:
        at.start()
    finally:
        sys.setprofile(None)
    assert len(ways["node"]) <= NODE, ways["node"]
    assert len(ways["policy"]) <= POLICY, ways["policy"]
    assert 0 < len(platform.way) < EFFECT, platform.way
