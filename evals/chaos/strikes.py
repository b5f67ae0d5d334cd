"""The product's own parts, wrapped so that this process is killed at one point."""

import contextlib
import dataclasses
import os
import signal
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver, ChannelVersions, Checkpoint, CheckpointMetadata
from pydantic import JsonValue

from evals.chaos.points import Moment, Point
from graph.context import Context
from graph.runtime import driver
from graph.setup.stores import Stores
from graph.state import CHECKPOINTED
from incident.workload import Effect, SetWeights, Workload, WorkloadChange
from tools import ports
from tools.audit import chain_file
from tools.records import checkpoints, database
from tools.scripted.proof import ScriptedProver


class Strike:
    """Kills this process the first time that its point is reached; without a point it never does."""

    def __init__(self, point: Point | None) -> None:
        self._point = point

    def at(self, moment: Moment, name: str) -> None:
        """Say that a place is reached."""
        if self._point is not None and (self._point.moment, self._point.name) == (moment, name):
            os.kill(os.getpid(), signal.SIGKILL)
            signal.pause()


class Platform:
    """A platform that is left before or after a change."""

    def __init__(self, inner: ports.Platform, strike: Strike) -> None:
        self._inner, self._strike = inner, strike
        self.world, self.services, self.read = inner.world, inner.services, inner.read
        self.able, self.settled = inner.able, inner.settled
        self.routing, self.history, self.runtime = inner.routing, inner.history, inner.runtime

    def change(self, service: str, change: WorkloadChange, *, revision: str, effect: Effect) -> Workload:
        """Make the change, unless killed."""
        name = _name(change)
        self._strike.at("before effect", name)
        after = self._inner.change(service, change, revision=revision, effect=effect)
        self._strike.at("after effect", name)
        return after


def _name(change: WorkloadChange) -> str:
    if not isinstance(change, SetWeights):
        return change.kind
    ours = [weight for version, weight in change.weights.items() if "-suture-" in version]
    return f"weights-{max(ours, default=0)}"


class Repository:
    """A repository that is left before or after a commit."""

    def __init__(self, inner: ports.Repository, strike: Strike) -> None:
        self._inner, self._strike = inner, strike

    def __getattr__(self, name: str) -> Any:
        """Everything else is the repository's own."""
        return getattr(self._inner, name)

    def commit(self, branch: str, base: str, files: Mapping[str, str], message: str) -> str:
        """Make the commit, unless killed."""
        self._strike.at("before effect", "commit")
        made = self._inner.commit(branch, base, files, message)
        self._strike.at("after effect", "commit")
        return made


class Ledger:
    """A ledger that is left right after an intent or an outcome is on disk."""

    def __init__(self, inner: ports.Ledger, strike: Strike) -> None:
        self._inner, self._strike = inner, strike
        self.look, self.entries, self.open = inner.look, inner.entries, inner.open
        self._names: dict[str, str] = {}

    def intend(self, key: str, incident: str, intent: Mapping[str, JsonValue], at: datetime) -> None:
        """Write the intent."""
        self._inner.intend(key, incident, intent, at)
        self._strike.at("intended", _step(intent))
        self._names[key] = _step(intent)

    def conclude(self, key: str, outcome: Mapping[str, JsonValue], at: datetime) -> None:
        """Write the outcome."""
        self._inner.conclude(key, outcome, at)
        self._strike.at("concluded", self._names.get(key, ""))


def _step(intent: Mapping[str, JsonValue]) -> str:
    step = str(intent.get("step", "commit"))
    return {"settle": "remove"}.get(step, step.replace("canary-", "weights-"))


class Incidents:
    """An index that is left right after an incident was opened."""

    def __init__(self, inner: ports.Incidents, strike: Strike) -> None:
        self._inner, self._strike = inner, strike

    def __getattr__(self, name: str) -> Any:
        """Everything else is the index's own."""
        return getattr(self._inner, name)

    def claim(self, row: ports.Row, holder: str) -> ports.Row | None:
        """Open it or take it over."""
        claimed = self._inner.claim(row, holder)
        self._strike.at("opened", "row")
        return claimed


class Forgetful:
    """The control: a ledger that keeps nothing."""

    def look(self, key: str) -> ports.Entry | None:
        """Never heard of it."""

    def intend(self, key: str, incident: str, intent: Mapping[str, JsonValue], at: datetime) -> None:
        """Keep nothing."""

    def conclude(self, key: str, outcome: Mapping[str, JsonValue], at: datetime) -> None:
        """Keep nothing."""

    def entries(self, incident: str) -> tuple[ports.Entry, ...]:  # noqa: ARG002 (the port's signature)
        """Nothing."""
        return ()

    def open(self) -> tuple[ports.Entry, ...]:
        """Nothing."""
        return ()


class Audit:
    """A chain that is left when the journal has a line and the chain does not."""

    def __init__(self, inner: ports.Audit, strike: Strike) -> None:
        self._inner, self._strike = inner, strike

    def __getattr__(self, name: str) -> Any:
        """Everything else is the chain's own."""
        return getattr(self._inner, name)

    def append(self, at: datetime, actor: str, action: str, body: Mapping[str, JsonValue]) -> int:
        """Append, unless killed."""
        if action == "record":
            self._strike.at("unchained", str(body["kind"]))
        return self._inner.append(at, actor, action, body)


class Saver(checkpoints.Saver):
    """A checkpointer that is left before, inside and after each step."""

    def __init__(self, path: Path, strike: Strike) -> None:
        connection = sqlite3.connect(path, timeout=database.WAIT, check_same_thread=False)
        connection.execute("PRAGMA synchronous=FULL")
        super().__init__(path, connection, checkpoints.StrictSerializer(CHECKPOINTED))
        self._strike, self._node = strike, ""
        self._here = threading.local()
        """Kind of write of the calling thread: LangGraph keeps writes and checkpoints from threads of its own."""

    @contextlib.contextmanager
    def cursor(self, transaction: bool = True) -> Iterator[sqlite3.Cursor]:  # noqa: FBT001, FBT002 (the library's signature)
        """One transaction, killed with everything written and nothing committed."""
        with super().cursor(transaction) as cursor:
            yield cursor
            what = getattr(self._here, "what", "")
            if what == "writes":
                self._strike.at("inside writes", self._node)
            elif what == "checkpoint":
                self._strike.at("inside checkpoint", self._node)

    def put_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Store the result of a node, and strike before or after."""
        self._node = task_path.rsplit(", ", maxsplit=1)[-1].strip("')")
        self._strike.at("node done", self._node)
        self._here.what = "writes"
        super().put_writes(config, writes, task_id, task_path)
        self._here.what = ""

    def put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """The state after it."""
        self._here.what = "checkpoint"
        kept = super().put(config, checkpoint, metadata, new_versions)
        self._here.what = ""
        self._strike.at("checkpoint kept", self._node)
        return kept


class Driver(driver.Driver):
    """The product's drive over a checkpointer under a strike."""

    strike: Strike
    path: Path

    def context(self, row: ports.Row) -> Context:
        """The workplace, where proofs are scripted: a simulated service has nothing to run in a sandbox."""
        return dataclasses.replace(super().context(row), prover=ScriptedProver(lambda _: "passed"))

    def saver(self) -> AbstractContextManager[BaseCheckpointSaver[str]]:
        """The checkpoints."""
        return self._struck()

    @contextlib.contextmanager
    def _struck(self) -> Iterator[BaseCheckpointSaver[str]]:
        database.touch(self.path)
        saver = Saver(self.path, self.strike)
        saver.setup()
        try:
            yield saver
        finally:
            saver.close()


def world(plain: ports.World, strike: Strike) -> ports.World:
    """The world whose changes and commits are under this strike."""
    plain.platform = Platform(plain.platform, strike)
    plain.repository = cast("ports.Repository", Repository(plain.repository, strike))
    return plain


def books(plain: Stores, strike: Strike, *, forgets: bool) -> Stores:
    """The books under this strike, or with a ledger that forgets."""
    ledger: ports.Ledger = Forgetful() if forgets else Ledger(plain.ledger, strike)
    audit = cast("chain_file.AuditFile", Audit(plain.audit, strike))
    incidents = cast("ports.Incidents", Incidents(plain.incidents, strike))
    return dataclasses.replace(plain, ledger=ledger, audit=audit, incidents=incidents)
