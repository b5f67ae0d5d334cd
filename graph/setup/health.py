"""Tries of what a first incident needs, each harmless: nothing is changed, and nobody is told anything.

Each function returns a sentence on what it saw, or "" when its part is not configured.  They raise SutureError when
the part would fail an incident.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage

from agents.models import factory
from agents.models.ranked import Ranked
from graph.config import names
from graph.config.settings import Settings
from graph.reports import prose
from graph.setup import stores, wiring, worlds
from incident.errors import SutureError, Unavailable
from incident.evidence import Missing
from incident.places import Placement
from tools import ports, spans
from tools.clock import SystemClock
from tools.proof.prover import Prover
from tools.sandbox import bwrap

MOST = 20
"""Services whose applications are imported in the sandbox; each takes about a second."""

QUESTION = "This is a check of the connection.  Answer with the one word: ready"


def settings(environment: Mapping[str, str]) -> str:
    """Name the variables that look like ours and are not."""
    strange = names.unknown(environment)
    if strange:
        told = (f"{name} ({f'set {meant} instead' if meant else 'unset it'})" for name, meant in strange.items())
        raise SutureError(f"no setting has the name {', '.join(told)}")
    return "every SUTURE_ variable is a setting"


def records(chosen: Settings) -> str:
    """Open the stores and verify the audit chain."""
    shared = stores.connect(chosen)
    shared.audit.verify()
    stopped = shared.incidents.control("").stop_all
    switch = f"set, so no incident may act: {prose.restarting()}" if stopped else "not set"
    return f"{shared.home.root}; the audit chain verifies; the kill switch is {switch}"


def locks(chosen: Settings) -> str:
    """Take and release a lock."""
    return stores.connect(chosen).locks.check()


def platform(chosen: Settings) -> str:
    """Ask the platform for its services."""
    return _tried(chosen, "platform", lambda port, _, __: ", ".join(port.services()))


def metrics(chosen: Settings) -> str:
    """Ask which alerts fire."""
    return _tried(chosen, "metrics", lambda port, _, __: f"{len(port.firing())} alerts fire now")


def logs(chosen: Settings) -> str:
    """Ask for the last minute of errors of one service."""
    return _tried(chosen, "logs", lambda port, service, last: _counted(port.errors(service, *last), "errors", service))


def traces(chosen: Settings) -> str:
    """Ask for one failing trace of the last minute of one service."""
    return _tried(
        chosen,
        "traces",
        lambda port, service, last: _counted(port.failing(service, *last, 1), "failing traces", service),
    )


def captures(chosen: Settings) -> str:
    """Ask for the recorded failing requests of the last minute of one service."""
    return _tried(
        chosen,
        "captures",
        lambda port, service, last: _counted(port.recorded(service, "failed", *last), "failing requests", service),
    )


def changes(chosen: Settings) -> str:
    """Ask for the changes of the last minute, whoever made them."""
    return _tried(chosen, "changes", lambda port, _, last: _counted(port.within(*last), "changes", "everybody"))


def places(chosen: Settings) -> str:
    """Ask where one service runs."""
    return _tried(chosen, "places", lambda port, service, _: _placed(port.of(service)))


def _placed(answer: Placement | Missing) -> str:
    if isinstance(answer, Missing):
        raise Unavailable(answer.reason)
    return f"{len(answer.pods)} pods of {answer.service}"


Question = Callable[[Any, str, tuple[datetime, datetime]], str]
"""A port, a service and the last minute, and what was seen of them."""


def _tried(chosen: Settings, port: str, ask: Question) -> str:
    """Return where a port comes from and what it answered; empty when it is not set.  Raises SutureError."""
    opening = worlds.Opening(SystemClock())
    found = worlds.part(port, chosen, opening)
    if found.address in ("", worlds.NONE):
        return ""
    if found.trouble:
        raise Unavailable(found.trouble)
    now = opening.clock.now()
    service = "" if port == "platform" else _first(worlds.part("platform", chosen, opening))
    return f"{found.address}: {ask(found.adapter, service, (now - timedelta(minutes=1), now))}"


def _first(platform: worlds.Part) -> str:
    services = () if platform.trouble else platform.adapter.services()
    if not services:
        raise Unavailable(platform.trouble or "the platform names no service to ask about")
    return str(services[0])


def _counted(answer: Sequence[object] | Missing, what: str, service: str) -> str:
    if isinstance(answer, Missing):
        raise Unavailable(answer.reason)
    return f"{len(answer)} {what} of {service} in the last minute"


def repository(chosen: Settings) -> str:
    """Import each service's application in the sandbox, as it is served, with the interpreter of its world."""
    opening = worlds.Opening(SystemClock())
    source, runs = worlds.part("repository", chosen, opening), worlds.part("platform", chosen, opening)
    if source.address in ("", worlds.NONE):
        return ""
    if trouble := source.trouble or runs.trouble:
        raise Unavailable(trouble)
    shared = stores.connect(chosen)
    prover = Prover(source.adapter, bwrap.Bubblewrap(state=shared.home.root), shared.home.root / "scratch")
    services = runs.adapter.services()
    components = {service: source.adapter.component(service) for service in services}
    known = {service: item for service, item in components.items() if not isinstance(item, Missing)}
    said = {service: _imported(runs.adapter, prover, service, item) for service, item in [*known.items()][:MOST]}
    if broken := [f"{service}: {why}" for service, why in said.items() if why]:
        raise Unavailable("; ".join(broken))
    seen = {
        "imported in the sandbox by the interpreter that serves it": [*said],
        "not tried": [*known][MOST:],
        "cannot be patched, because the repository has no place for it": [
            name for name in services if name not in known
        ],
    }
    return "; ".join(f"{what}: {', '.join(names)}" for what, names in seen.items() if names)


def _imported(platform: ports.Platform, prover: Prover, service: str, component: ports.Component) -> str:
    """Return the reason why the service's application cannot be imported in the sandbox; empty when it can."""
    served = max(platform.read(service).versions, key=lambda version: version.weight, default=None)
    if served is None:
        return "no version of it is served"
    return prover.imported(served.commit, component, platform.runtime(service))


def sandbox(_: Settings) -> str:
    """Run one job in the sandbox with every limit applied."""
    return wiring.check_sandbox()


def model(chosen: Settings) -> str:
    """Ask each model of an endpoint one short question."""
    models = wiring.built(chosen)
    asked = [item for item in _each(models.model) if factory.asks(item)]
    for item in asked:
        item.invoke([HumanMessage(QUESTION)])
    return models.name + (f"; {'each' if len(asked) > 1 else 'it'} answered a short question" if asked else "")


def _each(model: BaseChatModel) -> tuple[BaseChatModel, ...]:
    return model.models if isinstance(model, Ranked) else (model,)


def notices(chosen: Settings) -> str:
    """Ask the webhook for its head: whether it would take a notice is only known when one is sent."""
    if not chosen.notify_url:
        return ""
    from tools.webhook import Webhook  # noqa: PLC0415 (loads an HTTP client, which is needed only where one is set)

    return Webhook(chosen.notify_url, SystemClock()).check()


def spans_sent(chosen: Settings) -> str:
    """Send an empty batch of spans to the collector."""
    return spans.check() if chosen.otlp_endpoint else ""
