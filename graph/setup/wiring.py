"""Wiring of a run: models, checkpointer and context, with the real adapters.

Product, tests and attacks build their contexts here, and pass in what they replace.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from langchain_core.language_models import BaseChatModel
from langgraph.checkpoint.base import BaseCheckpointSaver

from agents import prompts
from agents.models import factory
from agents.models.price import SCRIPTED, Price
from agents.models.ranked import Ranked
from agents.playbook.model import Playbook
from graph.config.settings import Settings
from graph.context import Context, Models
from graph.journal import Journal, Listener
from graph.setup import stores
from graph.state import CHECKPOINTED
from incident.errors import BadInput
from tools import ports, spans
from tools.audit import chain_file
from tools.clock import SystemClock
from tools.incident_hold import HeldFolder, Hold
from tools.lease_keeper import LeaseKeeper
from tools.proof.prover import Prover
from tools.records import checkpoints
from tools.sandbox import bwrap
from tools.secrets import mask


def built(settings: Settings) -> Models:
    """Build the chat model, with its fallback, and load the prompts.  Raises BadInput."""
    model = _model(settings, settings.model, settings.base_url, settings.api_key, settings.thinking.price)
    if settings.thinking.fallback:
        model = Ranked(models=(model, _fallback(settings)))
    return Models(
        model=model,
        name=factory.describe(model),
        rca=prompts.shipped("rca"),
        patch=prompts.shipped("patch"),
        small=prompts.shipped("small"),
        review=prompts.shipped("review"),
        rules=Playbook() if factory.asks(model) else None,
    )


def _fallback(settings: Settings) -> BaseChatModel:
    chosen = settings.thinking
    # A key goes to the endpoint that it is meant for, and to no other.
    url, key = chosen.fallback_url, chosen.fallback_key
    if not url:
        url, key = settings.base_url, key or settings.api_key
    return _model(settings, chosen.fallback, url, key, chosen.fallback_price)


def _model(settings: Settings, name: str, url: str, key: str, price: Price | None) -> BaseChatModel:
    script = _text("SUTURE_MODEL", name.removeprefix(SCRIPTED)) if name.startswith(SCRIPTED) else None
    return factory.build(
        name,
        url or None,
        key or None,
        script=script,
        timeout=settings.budget.answer_seconds,
        temperature=settings.thinking.temperature,
        max_tokens=settings.thinking.answer_tokens,
        streamed=settings.thinking.streamed,
        price=price,
        clock=SystemClock(),
    )


def _text(field: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(field, path, "name a text file that can be read") from error


def check_sandbox() -> str:
    """Run one job in the sandbox, and say that it works.  Raises Unavailable, Refused."""
    with TemporaryDirectory() as tree:
        bwrap.Bubblewrap().run(ports.Job(argv=("/bin/true",), tree=tree))
    return "bubblewrap runs with every limit applied"


@contextmanager
def checkpointer(shared: stores.Stores) -> Iterator[BaseCheckpointSaver[str]]:
    """Open the graph's checkpoints, which may load the state's own types and no others."""
    saver = checkpoints.open(shared.home.checkpoints, CHECKPOINTED)
    try:
        yield saver
    finally:
        saver.close()


def context(
    settings: Settings,
    shared: stores.Stores,
    world: ports.World,
    incident: str,
    listener: Listener,
    *,
    keep_alive: Callable[[float], None] = lambda _: None,
    models: Models | None = None,
    prover: ports.Prover | None = None,
    writer: Callable[..., Journal] = Journal,
) -> Context:
    """Return the context of one incident.  `models` and `prover` are built from the settings where none are given.

    Raises BadInput for settings of models that cannot be used.
    """
    folder = stores.folder(shared, incident)
    hold = Hold(shared.incidents, incident, shared.unmoved)
    sandbox = bwrap.Bubblewrap(state=shared.home.root)
    return Context(
        settings=settings,
        clock=world.clock,
        world=mask.MaskedWorld(world, mask.Mask(chain_file.load_key(shared.home.audit_key))),
        prover=prover or Prover(world.repository, sandbox, shared.home.root / "scratch"),
        ledger=shared.ledger,
        incidents=shared.incidents,
        memories=shared.memories,
        audit=shared.audit,
        folder=folder,
        notify=shared.notify,
        emergency=stores.emergency(shared),
        tracer=spans.open(folder.folder / "trace.jsonl", incident, shared.clock, os.environ),
        journal=writer(incident, HeldFolder(folder, hold), shared.audit, shared.clock, stores.redacted, listener),
        lease_keeper=LeaseKeeper(shared.locks, shared.clock),
        hold=hold,
        models=models or built(settings),
        keep_alive=keep_alive,
    )
