"""A small world that is read, and that fails a test when anything in it is written."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.tools import BaseTool

from agents.view.incident_view import View
from incident.capture import Capture
from incident.evidence import (
    Change,
    Dossier,
    ErrorGroup,
    ErrorLog,
    Evidence,
    FailingTrace,
    Missing,
    Neighbours,
    Origin,
    Signals,
    Signature,
    Span,
    Traits,
)
from incident.places import Placement
from incident.proof import Refusal
from incident.stacks import Frame
from incident.workload import Able, Effect, Routing, Settled, Version, Workload
from tests.contract.repository import WithoutRemote
from tools import ports, unified

ONSET = datetime(2026, 1, 1, 12, tzinfo=UTC)

PRICING = '''"""Prices of orders."""

RATES = {"gold": 10, "silver": 5}
NO_DISCOUNT = 0


def discount(account: dict, total: int) -> int:
    """Percent off for the account's level; accounts without a programme get none."""
    level = account["programme"]["level"]
    return total * RATES.get(level, NO_DISCOUNT) // 100


class Basket:
    def total(self, lines: list) -> int:
        return sum(line["cents"] for line in lines)
'''

TEST = "from orders.pricing import discount\n\n\ndef test_gold():\n    assert discount({}, 1) == 1\n"

SCHEMA = '{"properties": {"programme": {"type": ["object", "null"]}}}'

FILES = {
    "services/orders/orders/pricing.py": PRICING,
    "services/orders/orders/__init__.py": "",
    "services/orders/tests/test_pricing.py": TEST,
    "services/orders/schema.json": SCHEMA,
    "services/billing/billing/app.py": "def other():\n    return 1\n",
}

PLACE = Frame(
    path="services/orders/orders/pricing.py", line=9, function="discount", code='level = account["programme"]["level"]'
)

SIGNATURE = Signature(
    service="orders", route="POST /orders", exception="TypeError", path=PLACE.path, function="discount", line=9
)

NULL = "'NoneType' object is not subscriptable"


def group(**changes: Any) -> ErrorGroup:
    fields: dict[str, Any] = {
        "signature": SIGNATURE,
        "count": 40,
        "first": ONSET,
        "last": ONSET + timedelta(seconds=20),
        "versions": ("v1",),
        "message": NULL,
        "frames": (Frame(path="services/orders/orders/app.py", line=3, function="create"), PLACE),
    }
    return ErrorGroup(**{**fields, **changes})


def signals(start: int, end: int, requests: int = 600, errors: int = 0, memory: float | None = None) -> Signals:
    begin, finish = ONSET + timedelta(seconds=start), ONSET + timedelta(seconds=end)
    return Signals(service="orders", start=begin, end=finish, requests=requests, errors=errors, memory_bytes=memory)


def change(what: str, seconds: int, **fields: Any) -> Change:
    return Change(service=fields.pop("service", "orders"), at=ONSET + timedelta(seconds=seconds), what=what, **fields)


TRAITS = Traits(
    service="orders", route="POST /orders", traits=("body.account.programme:null",), failing=40, healthy=200
)

AROUND = Neighbours(service="orders", callers=("storefront",), callees=("stock",), external=("api.bank.example:443",))

HEALTHY = signals(-60, 0)
SICK = signals(0, 20, errors=90)
TRACE = FailingTrace(trace_id="t1", path=("storefront", "orders"), deepest="orders")

_ORIGINS = {
    "suspicion": ("suspects", Origin.WORKLOAD),
    "error_group": ("logs", Origin.WORKLOAD),
    "traits": ("recorder", Origin.WORKLOAD),
    "failing_trace": ("traces", Origin.PLATFORM),
    "change": ("platform", Origin.PLATFORM),
    "neighbours": ("traces", Origin.PLATFORM),
    "signals": ("metrics", Origin.MEASURED),
}

DORMANT = (HEALTHY, SICK, group(), TRAITS, TRACE, AROUND)


def refusal(**changes: Any) -> Refusal:
    """One candidate for `discount` that its own tests refused."""
    told = {
        "check": "own_tests",
        "why": "own_tests: test_gold failed",
        "function": "services/orders/orders/pricing.py::discount",
        "change": "-    return total\n+    return 0",
    }
    return Refusal(**{**told, **changes})


def dossier(*facts: Any) -> Dossier:
    found = tuple(
        Evidence(id=f"E{number}", source=_ORIGINS[fact.kind][0], origin=_ORIGINS[fact.kind][1], fact=fact)
        for number, fact in enumerate(facts or DORMANT, start=1)
    )
    return Dossier(service="orders", onset=ONSET, evidence=found)


class Touched(AssertionError):
    """Something was written."""


class Repository(WithoutRemote):
    def __init__(self, files: Mapping[str, str]) -> None:
        self.tree = dict(files)

    def component(self, service: str) -> ports.Component | Missing:
        return COMPONENT

    def files(self, commit: str, folder: str) -> tuple[str, ...]:
        return tuple(sorted(path for path in self.tree if path.startswith(folder.rstrip("/") + "/")))

    def text(self, commit: str, path: str) -> str:
        return self.tree[path]

    def log(self, commit: str, folder: str, limit: int) -> tuple[ports.Commit, ...]:
        return (ports.Commit(id="c1", at=ONSET, subject="Add levels", paths=(PLACE.path,)),)

    def diff(self, before: Mapping[str, str], after: Mapping[str, str]) -> str:
        return unified.diff(before, after)

    def branch(self, name: str) -> str | None:
        return None

    def export(self, commit: str, target: str) -> None:
        raise Touched("export")

    def commit(self, branch: str, base: str, files: Mapping[str, str], message: str) -> str:
        raise Touched("commit")


class Platform:
    def world(self) -> str:
        return "w"

    def services(self) -> tuple[str, ...]:
        return ("orders", "storefront", "stock")

    def read(self, service: str) -> Workload:
        version = Version(name="v1", commit="c1", weight=100, ready=True, started_at=ONSET)
        return Workload(service=service, revision="1", versions=(version,))

    def change(self, service: str, change: Any, *, revision: str, effect: Effect) -> Workload:
        raise Touched("change")

    def routing(self, service: str) -> Routing:
        return Routing(service=service, at=ONSET, slow_ms=500, versions=())

    def able(self, service: str) -> Able:
        return Able(shares="any", counted_by="router", sources=("commit",))

    def settled(self, service: str, effect: str) -> Settled:
        return Settled(state="in force")

    def history(self, service: str, since: datetime) -> tuple[Change, ...]:
        return (change("deploy", -3000, version="v1", previous="v0"),)

    def runtime(self, service: str) -> ports.Runtime:
        return ports.Runtime(python="/usr/bin/python3", mounts=(), environment={})


class Metrics:
    def rule(self, name: str, labels: Mapping[str, str]) -> Missing:
        return Missing(reason="no rules here")

    def measure(self, condition: Any) -> Missing:
        return Missing(reason="no rules here")

    def signals(self, service: str, start: datetime, end: datetime, version: str | None = None) -> Signals | Missing:
        return Signals(service=service, start=start, end=end, requests=10, errors=1)

    def names(self, service: str) -> Missing:
        return Missing(reason="no series here")

    def range(self, service: str, name: str, start: datetime, end: datetime, version: str | None = None) -> Missing:
        return Missing(reason="no series here")

    def of(self, condition: Any, start: datetime, end: datetime) -> Missing:
        return Missing(reason="no rules here")

    def firing(self) -> tuple[dict[str, str], ...]:
        return ()


class Logs:
    def errors(
        self, service: str, start: datetime, end: datetime, version: str | None = None
    ) -> tuple[ErrorLog, ...] | Missing:
        return Missing(reason="the log of this service cannot be read")

    def lines(
        self, service: str, start: datetime, end: datetime, version: str | None = None, limit: int = 1000
    ) -> Missing:
        return Missing(reason="the log of this service cannot be read")


class Traces:
    def __init__(self, spans: tuple[Span, ...] = ()) -> None:
        self.spans = spans

    def failing(self, service: str, start: datetime, end: datetime, limit: int) -> tuple[tuple[Span, ...], ...]:
        return (self.spans,) if self.spans else ()

    def whole(self, service: str, start: datetime, end: datetime, limit: int) -> tuple[tuple[Span, ...], ...]:
        return self.failing(service, start, end, limit)

    def calls(self, start: datetime, end: datetime) -> Missing:
        return Missing(reason="no calls here")

    def neighbours(self, service: str) -> Neighbours | Missing:
        return AROUND


class Changes:
    def within(self, start: datetime, end: datetime) -> tuple[Change, ...] | Missing:
        return Missing(reason="nobody records changes here")


class Places:
    def of(self, service: str) -> Placement | Missing:
        return Missing(reason="nothing is known of places here")


class Captures:
    def recorded(
        self, service: str, outcome: str, start: datetime, end: datetime, version: str | None = None, limit: int = 200
    ) -> tuple[Capture, ...]:
        body = {"account": {"programme": None, "secret": "hunter2"}}
        found = Capture(
            at=ONSET,
            service=service,
            version="v1",
            route="POST /orders",
            trace_id="t1",
            outcome="failed",
            status=500,
            method="POST",
            path="/orders",
            body=body,
        )
        return (found,)


COMPONENT = ports.Component(
    service="orders",
    path="services/orders",
    app="orders.app:app",
    tests="services/orders/tests",
    schemas=("services/orders/schema.json",),
)


def view(
    *facts: Any,
    files: Mapping[str, str] = FILES,
    captures: bool = False,
    spans: tuple[Span, ...] = (),
    component: ports.Component | None = COMPONENT,
) -> View:
    """A bench over the double world; every writing method of it raises.  Without a component there is no source."""
    return View(
        dossier(*facts),
        Repository(files),
        "c1" if component else "",
        component,
        Metrics(),
        Logs(),
        Traces(spans),
        Platform(),
        Changes(),
        Places(),
        Captures() if captures else None,
    )


class Playing(BaseChatModel):
    """Gives the answers of a function from the conversation so far; a function may raise."""

    play: Callable[[list[BaseMessage]], AIMessage]
    offered: list[str] = []
    """Names of the tools that it was given last."""

    @property
    def _llm_type(self) -> str:
        return "playing"

    def bind_tools(self, tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool], **kwargs: Any) -> Any:
        self.offered[:] = [str(tool["function"]["name"]) for tool in tools if isinstance(tool, dict)]
        return self

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self.play(messages))])


def turns(*answers: AIMessage) -> Playing:
    """A model that gives these answers in order, and the last one for ever."""

    def play(messages: list[BaseMessage]) -> AIMessage:
        spoken = sum(isinstance(message, AIMessage) for message in messages)
        return answers[min(spoken, len(answers) - 1)].model_copy()

    return Playing(play=play)


def call(name: str, **args: Any) -> AIMessage:
    """An answer that calls one tool."""
    return AIMessage(content="", tool_calls=[{"name": name, "args": args, "id": "x", "type": "tool_call"}])
