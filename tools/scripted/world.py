"""The simulated world as wiring sees it, and a ready-made world for an incident."""

import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NoReturn

from incident.capture import Call, Capture
from incident.evidence import Change, Gap
from incident.stacks import Frame
from incident.value import Value
from incident.workload import Able, Alias, Version, Workload
from tools import ports
from tools.scripted import change, repository, source, stage
from tools.scripted.metrics import ScriptedMetrics
from tools.scripted.platform import ScriptedPlatform
from tools.scripted.repository import History, ScriptedRepository
from tools.scripted.state import EVERYTHING, Behaviour, Raised, Service, State, Story
from tools.scripted.surroundings import ScriptedChanges, ScriptedPlaces
from tools.scripted.telemetry import ScriptedCaptures, ScriptedLogs, ScriptedTraces

HEALTHY = Behaviour(other=0.003)
"""Three failures in a thousand, as a service has on a good day."""

SICK = Behaviour(other=0.003, sick=0.15)
"""15 % of the requests fail once the bug is awake."""

_ROUTE = "POST /orders"
_STOCK = "127.0.0.1:7002"


class Dump(Value):
    """Everything that another process needs to go on with this world."""

    state: State
    history: History
    runtime: ports.Runtime
    asked: int


class ScriptedWorld:
    """A simulated world's six backends together."""

    name = "a scripted world (simulated: nothing in it is real)"

    def __init__(self, stage: "stage.Stage", history: History, runtime: ports.Runtime) -> None:
        self.stage = stage
        self.clock: ports.Clock = stage.clock
        self._runtime = runtime
        self._repository = ScriptedRepository(history)
        self.platform: ports.Platform = ScriptedPlatform(stage, runtime)
        self.metrics: ports.Metrics = ScriptedMetrics(stage)
        self.logs: ports.Logs = ScriptedLogs(stage)
        self.traces: ports.Traces = ScriptedTraces(stage)
        self.captures: ports.Captures = ScriptedCaptures(stage)
        self.changes: ports.Changes = ScriptedChanges(stage)
        self.places: ports.Places = ScriptedPlaces(stage)
        self.repository: ports.Repository = self._repository

    def aliases(self) -> tuple[Alias, ...]:
        """The names that the world was made with: it runs nothing that could have others."""
        self.stage.now("platform")
        return self.stage.state.aliases

    def gaps(self) -> tuple[Gap, ...]:
        """Nothing: everything in it can be read."""
        return ()

    def renew(self, seconds: float) -> None:
        """Nothing: it lives as long as its process."""

    def dump(self) -> Dump:
        """The world as one value."""
        return Dump(
            state=self.stage.state,
            history=self._repository.history,
            runtime=self._runtime,
            asked=self.stage.asked,
        )


def load(
    dump: Dump,
    clock: ports.Clock,
    trouble: stage.Trouble | None = None,
    die: Callable[[], NoReturn] = stage.crash,
) -> ScriptedWorld:
    """Go on with a dumped world, under this clock."""
    loaded = stage.Stage(dump.state, clock, trouble, die)
    loaded.asked = dump.asked
    return ScriptedWorld(loaded, dump.history, dump.runtime)


def incident_world(
    clock: ports.Clock,
    *,
    wakes_in: float | None = 0.0,
    sick: Behaviour = SICK,
    patched: Behaviour = HEALTHY,
    rate: float = 80.0,
    age: float = 600.0,
    deployed_ago: float | None = None,
    runtime: ports.Runtime | None = None,
    trouble: stage.Trouble | None = None,
    die: Callable[[], NoReturn] = stage.crash,
    identity: str = "scripted-1",
    aliases: tuple[Alias, ...] = (),
    scrape_seconds: float = 0.0,
    able: Able = EVERYTHING,
) -> ScriptedWorld:
    """A storefront that calls orders, which calls the stock; a bug in orders wakes `wakes_in` seconds from now.

    `patched` is how every commit behaves that the world does not know, which is any that is made later.
    `rate` is in requests a second to orders and `age` in seconds since the world began.  With
    `deployed_ago` the sick version was deployed so many seconds ago, after a healthy one; otherwise the
    bug is dormant and nothing was changed (None for `wakes_in`: it never wakes).  With `scrape_seconds` metrics and
    router are sampled so often, and tell nothing of the time since the last sample.  `able` is of orders.
    """
    now = clock.now()
    began = now - timedelta(seconds=age)
    history = repository.grown(History(), "main", began - timedelta(days=9), "Add orders", _first_files())
    old = history.branches["main"]
    history = repository.grown(history, "main", began - timedelta(days=2), "Give members a discount", source.FILES)
    new = history.branches["main"]
    state = State(
        world=identity,
        started_at=began,
        services={},
        wakes_at=None if wakes_in is None else now + timedelta(seconds=wakes_in),
        behaviours={old: HEALTHY, new: sick},
        otherwise=patched,
        stories={"orders": _story()},
        aliases=(*aliases, Alias(service="stock", kind="target", name=_STOCK)),
        scrape_seconds=scrape_seconds,
        kinds={"db.example:5432": "database"},
    )
    services = {
        "orders": _service(state, "orders", new, began, rate, calls=("stock",)),
        "storefront": _service(state, "storefront", old, began, rate, calls=("orders",), relays={"orders": 1.0}),
        "stock": _service(state, "stock", old, began, 2 * rate, calls=("db.example:5432",)),
    }
    if deployed_ago is not None:
        services["orders"] = _deployed(state, began, now - timedelta(seconds=deployed_ago), (old, new), rate)
    services["orders"] = services["orders"].model_copy(update={"able": able})
    staged = stage.Stage(state.model_copy(update={"services": services}), clock, trouble, die)
    return ScriptedWorld(staged, history, runtime or _runtime())


def _first_files() -> dict[str, str]:
    """The repository before members got a discount."""
    pricing = source.PRICING.replace(source.BUGGY_LINE, "return STANDARD_DISCOUNT")
    tests = source.TESTS.replace("def test_a_member_pays_less", "def later").replace("== 900", "== 1000")
    return {
        **source.FILES,
        "services/orders/pricing.py": pricing,
        "services/orders/tests/test_pricing.py": tests,
    }


def _service(
    state: State,
    name: str,
    commit: str,
    began: datetime,
    rate: float,
    *,
    calls: tuple[str, ...] = (),
    relays: dict[str, float] | None = None,
) -> Service:
    running = Version(name="v1", commit=commit, weight=100, ready=True, config={}, started_at=began)
    workload = Workload(service=name, revision="r1", versions=(running,))
    return Service(
        workload=workload,
        rate=rate,
        splits=(change.split_of(state, workload, began),),
        added={"v1": began},
        calls=calls,
        relays=relays or {},
    )


def _deployed(state: State, began: datetime, at: datetime, commits: tuple[str, str], rate: float) -> Service:
    """Orders with a version v2 that took over from v1 at a time; v1 still runs, at weight 0."""
    old, new = commits
    before = _service(state, "orders", old, began, rate, calls=("stock",))
    idle = before.workload.versions[0].model_copy(update={"weight": 0})
    serving = Version(name="v2", commit=new, weight=100, ready=True, config={}, started_at=at)
    # Two changes were made since the first revision: the deploy, and the weights.
    workload = before.workload.model_copy(update={"revision": "r3", "versions": (idle, serving)})
    deploy = Change(
        service="orders", at=at, what="deploy", version="v2", commit=new, previous="v1", previous_commit=old
    )
    weights = Change(service="orders", at=at, what="weights", version="v2", old="v1=100, v2=0", new="v1=0, v2=100")
    return before.model_copy(
        update={
            "workload": workload,
            "splits": (*before.splits, change.split_of(state, workload, at)),
            "added": {"v1": began, "v2": at},
            "history": (deploy, weights),
        }
    )


def _runtime() -> ports.Runtime:
    """Our own interpreter: the simulated service needs nothing but the standard library."""
    mounts = tuple(sorted({sys.prefix, sys.base_prefix}))
    return ports.Runtime(python=sys.executable, mounts=mounts, environment={"STOCK_URL": f"http://{_STOCK}"})


def _story() -> Story:
    app, pricing = "services/orders/app.py", "services/orders/pricing.py"
    return Story(
        route=_ROUTE,
        sick=Raised(
            exception="AttributeError",
            message="'NoneType' object has no attribute 'get'",
            frames=(
                _frame(app, "app", "await create("),
                _frame(app, "create", "pricing.total("),
                _frame(pricing, "total", "discount(customer) //"),
                _frame(pricing, "discount", source.BUGGY_LINE),
            ),
        ),
        other=Raised(
            exception="TimeoutError",
            message="timed out",
            frames=(
                _frame(app, "app", "await create("),
                _frame(app, "create", "asyncio.to_thread(available"),
                _frame(app, "available", "urllib.request.urlopen("),
            ),
        ),
        failing=_capture({"id": "c-000002", "membership": None}, None),
        healthy=_capture({"id": "c-000001", "membership": {"tier": "gold", "discount": 10}}, 900),
    )


def _frame(path: str, function: str, fragment: str) -> Frame:
    number = source.line_of(path, fragment)
    return Frame(path=path, line=number, function=function, code=source.FILES[path].split("\n")[number - 1].strip())


def _capture(customer: dict[str, object], total: int | None) -> Capture:
    """A recorded order of one customer; `total` is None for one that fails."""
    return Capture.model_validate(
        {
            "at": "2026-01-01T00:00:00Z",
            "service": "orders",
            "version": "v1",
            "route": _ROUTE,
            "trace_id": "",
            "outcome": "failed" if total is None else "ok",
            "status": 500 if total is None else 201,
            "exception": "AttributeError" if total is None else None,
            "method": "POST",
            "path": "/orders",
            "headers": {"content-type": "application/json"},
            "body": {"customer": customer, "lines": [{"sku": "a-1", "quantity": 2, "cents": 500}]},
            "calls": (Call(method="GET", host=_STOCK, path="/stock/a-1", status=200, body={"available": 7}),),
            "response": None if total is None else {"customer": customer["id"], "total": total},
        }
    )
