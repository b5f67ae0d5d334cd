"""Without source there is nothing of it to read, to blame or to patch; everything else is as it was."""

from dataclasses import replace
from typing import Any, NoReturn

import pytest

from agents import patching, prompts, rca
from agents.budget import Budget
from agents.models import factory
from agents.view import tools
from agents.view.incident_view import View
from incident.diagnosis import (
    CodeCause,
    ConfigCause,
    DependencyCause,
    DeployCause,
    Diagnosis,
    Disproof,
    Hypothesis,
    ResourceCause,
    UnknownCause,
)
from incident.errors import Refused
from incident.evidence import FailingTrace, Span
from tests.unit.agents import doubles
from tests.unit.agents.doubles import AROUND, DORMANT, HEALTHY, SICK
from tools.scripted.clock import ManualClock

SOURCE = {"read_function", "read_file", "search_code", "recent_commits"}
"""Tools that read source."""


class Nowhere:
    """A repository that must not be asked."""

    def __getattr__(self, name: str) -> NoReturn:
        raise AssertionError(f"{name} was asked of a repository that has no source of the service")


def view(*facts: Any, spans: tuple[Span, ...] = ()) -> View:
    bare: Any = Nowhere()
    return replace(doubles.view(*facts, spans=spans, component=None, captures=True), repository=bare)


def diagnosed(*facts: Any, spans: tuple[Span, ...] = ()) -> Diagnosis:
    playbook = factory.build("")
    return rca.investigate(view(*facts, spans=spans), playbook, prompts.shipped("rca"), Budget(), ManualClock())[0]


def named(boxes: Any) -> dict[str, set[str]]:
    return {agent: {tool.name for tool in box} for agent, box in boxes.items()}


def test_no_tool_that_reads_source_is_offered_and_every_other_one_is() -> None:
    full, bare = named(tools.toolboxes(doubles.view(captures=True))), named(tools.toolboxes(view()))
    assert bare == {agent: names - SOURCE for agent, names in full.items()}
    assert full["rca"] > SOURCE


def test_no_place_can_be_blamed_and_every_other_cause_can() -> None:
    facts = (
        *DORMANT,
        doubles.change("deploy", -20, version="v2", previous="v1"),
        doubles.change("config", -9, key="k"),
    )
    full, bare = (
        {end.name for end in rca.terminals(shown)} for shown in (doubles.view(*facts, captures=True), view(*facts))
    )
    assert bare == full - {"blame_code"}
    assert bare == {
        "blame_deploy", "blame_config", "blame_dependency", "blame_service", "blame_resource", "dont_know",
    }  # fmt: skip


def test_the_tools_that_are_left_work() -> None:
    for tool in tools.toolboxes(view(*DORMANT))["rca"]:
        schema: Any = tool.args_schema
        fields = schema.model_json_schema().get("properties", {})
        given = {name: field["enum"][0] if "enum" in field else "requests" for name, field in fields.items()}
        assert tool.invoke(given)


TIMEOUT = doubles.SIGNATURE.model_copy(update={"exception": "httpx.ConnectTimeout"})
CALL = Span(
    trace_id="t",
    span_id="s",
    service="orders",
    name="POST /pay",
    kind="client",
    start=doubles.ONSET,
    duration_ms=9,
    status="error",
    attributes={"peer.service": "api.bank.example:443"},
)


@pytest.mark.parametrize(
    ("facts", "spans", "kind"),
    [
        ((*DORMANT, doubles.change("deploy", -20, version="v1", previous="v0")), (), DeployCause),
        ((*DORMANT, doubles.change("config", -10, key="limit", old="100", new="0")), (), ConfigCause),
        ((HEALTHY, SICK, doubles.group(signature=TIMEOUT), AROUND), (CALL,), DependencyCause),
        ((doubles.signals(-60, 0, memory=1e8), doubles.signals(0, 20, errors=9, memory=9e8)), (), ResourceCause),
        (DORMANT, (), UnknownCause),
    ],
    ids=["deploy", "config", "dependency", "resource", "nothing"],
)
def test_the_playbook_chooses_among_the_causes_that_need_no_source(
    facts: tuple[Any, ...], spans: tuple[Span, ...], kind: type
) -> None:
    found = diagnosed(*facts, spans=spans)
    assert isinstance(found.leading.cause, kind)
    assert not any(isinstance(one.cause, CodeCause) for one in found.hypotheses)


def test_errors_that_end_in_a_called_service_send_the_search_there() -> None:
    deeper = FailingTrace(trace_id="t9", path=("storefront", "orders", "stock"), deepest="stock")
    assert diagnosed(HEALTHY, SICK, deeper, AROUND).leading.service == "stock"


def test_what_is_not_known_is_said_with_the_errors_that_were_found() -> None:
    (only,) = diagnosed(*DORMANT).hypotheses
    assert isinstance(only.cause, UnknownCause)
    assert f"{doubles.PLACE.path}:9" in only.cause.reason


def test_nothing_can_be_patched() -> None:
    """The writer is not even asked, and no path is inside of a component that is not there."""
    bare = view(*DORMANT)
    cause = CodeCause(path=doubles.PLACE.path, function="discount", line=9)
    blamed = Hypothesis(
        service="orders", cause=cause, evidence=("E1",), disproof=Disproof.NONE, explanation="", claimed_confidence=1
    )
    assert patching.mendable(bare, blamed) == ()
    assert bare.is_test(doubles.PLACE.path)
    with pytest.raises(KeyError):
        bare.text(doubles.PLACE.path)
    playbook = factory.build("")
    for at_once in (False, True):
        with pytest.raises(Refused):
            patching.write(
                bare, blamed, (), playbook, prompts.shipped("patch"), Budget(), ManualClock(), at_once=at_once
            )
