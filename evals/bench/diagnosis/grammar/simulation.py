"""Simulation of a system: each request walks the calls, with own times, queues, failures, retries and patience.

Requests wait in a node's queue by its workload (Lindley's recursion for as many servers as it has, pooled); a caller
gives up after its time-out and may try again; an operation fails when a call fails that it cannot do without.  What
a cause does to that is an :class:`~evals.bench.diagnosis.grammar.effects.Effect`; nothing else is told.
"""

import heapq
import math
from collections.abc import Iterable
from random import Random

from evals.bench.diagnosis.grammar.effects import Effect, Job
from evals.bench.diagnosis.grammar.records import (
    Answer,
    Below,
    Causes,
    Kept,
    Line,
    Request,
    Shape,
    Told,
    Visit,
)
from evals.bench.diagnosis.grammar.system import Link, Node, Operation, System
from incident.call_times import Row

LONGEST_MS = 60_000.0
"""Longest time that a request waits in a queue before the process drops it."""

FEWEST = 0.02
"""Requests that a node works on at once, whatever narrows it."""

DAY = 86_400.0


class Simulation:
    """One run over a stretch of time that begins at 0.0."""

    def __init__(self, system: System, shape: Shape, causes: Causes, dice: Random) -> None:
        self.system, self.shape, self.causes, self.dice = system, shape, causes, dice
        self.told = Told()
        self._on: dict[str, list[Effect]] = {}
        self._of_links: dict[tuple[str, str], list[Effect]] = {}
        for one in causes.effects:
            if one.callee:
                self._of_links.setdefault((one.node, one.callee), []).append(one)
            else:
                self._on.setdefault(one.node, []).append(one)
        self._backlog: dict[str, tuple[float, float]] = {}

    def run(self) -> Told:
        """Walk all requests, in the order in which they arrive."""
        weights = [weight for _, _, weight in self.system.entries]
        outside = ((at, None) for at in self._arrivals())
        for at, job in heapq.merge(outside, *map(self._started, self.causes.jobs), key=lambda one: one[0]):
            if job is not None:
                self._work(job, at)
                continue
            name, number, _ = self.dice.choices(self.system.entries, weights)[0]
            request = Request(self._traits(at), self.dice.random() < self.shape.traced)
            version = self._version(name, at)
            answer = self._visit(name, number, at, version, request)
            if request.traced and not self._mute(name, at):
                self._row("", name, version, number, at, answer.inside_ms or LONGEST_MS, answer, failed=answer.failed)
        return self.told

    def _arrivals(self) -> Iterable[float]:
        """A Poisson process, thinned from its largest rate (Lewis and Shedler 1979)."""
        shape = self.shape
        most = shape.per_second * (1 + shape.swing) * max((1.0, *(one.factor for one in self.causes.surges)))
        at = 0.0
        while (at := at + self.dice.expovariate(most)) < shape.seconds:
            rate = shape.per_second * (1 + shape.swing * math.sin(2 * math.pi * (at + shape.phase) / DAY))
            if self.dice.random() * most < rate * math.prod(one.grown(at) for one in self.causes.surges):
                yield at

    def _started(self, job: Job) -> Iterable[tuple[float, Job | None]]:
        """A Poisson process of a job's calls."""
        at = max(0.0, job.start)
        while (at := at + self.dice.expovariate(job.per_second)) < min(job.end, self.shape.seconds):
            yield at, job

    def _work(self, job: Job, at: float) -> None:
        request = Request(frozenset(), self.dice.random() < self.shape.traced)
        link = Link(job.callee, job.operation, 1.0, job.timeout_ms)
        self._call(job.node, self._version(job.node, at), link, at, request)

    def _traits(self, at: float) -> frozenset[str]:
        return frozenset(
            one.trait for one in self.causes.visitors if one.start < at <= one.end and self.dice.random() < one.share
        )

    def _version(self, name: str, at: float) -> str:
        version = "v1"
        for node, start, share in self.causes.rollouts:
            if node == name and start < at:
                version = "v2" if share >= 1 or self.dice.random() < share else "v1"
        return version

    def _hit(self, one: Effect, at: float, traits: frozenset[str], version: str) -> bool:
        grown = one.grown(at)
        if not grown or (one.trait and one.trait not in traits) or (one.deploy and version != "v2"):
            return False
        return self.dice.random() < one.share * grown

    def _mute(self, name: str, at: float) -> bool:
        return any(one.mute and one.grown(at) for one in self._on.get(name, ()))

    def _visit(self, name: str, number: int, at: float, version: str, request: Request) -> Answer:
        node = self.system.nodes[name]
        operation = node.operations[number]
        effects = [
            one
            for one in self._on.get(name, ())
            if one.operation in (None, number) and self._hit(one, at, request.traits, version)
        ]
        if any(one.hangs for one in effects):
            return Answer(None, failed=True)
        own = operation.own_ms * math.exp(operation.sigma * self.dice.gauss(0, 1))
        for one in effects:
            own = own * one.factor + (one.adds_ms * math.exp(0.3 * self.dice.gauss(0, 1)) if one.adds_ms else 0.0)
        patience = min((one.drops_ms for one in effects if one.drops_ms), default=LONGEST_MS)
        waited = self._queue(node, at, own, patience)
        by_itself = self._fails(operation, effects, waited, patience)
        below = Below() if by_itself else self._below(name, version, operation, at, waited + own, request)
        fails = by_itself or below.why
        elapsed = waited + own + below.took_ms
        if node.sort == "service":
            self._note(name, number, Visit(at, elapsed, own, waited, bool(fails), version))
            for one in effects:
                if one.says:
                    self._line(Line(name, version, f"{one.says}.{number}"), at)
            if fails and not below.failed:
                self._line(Line(name, version, f"raised.{fails}", str(number)), at)
            self._keep(name, number, Kept(at, bool(fails), version, request.traits, below.used))
        nonsense = (below.nonsense or any(one.nonsense for one in effects)) and not fails
        return Answer(elapsed, bool(fails), below.took_ms, below.failed, nonsense)

    def _fails(self, operation: Operation, effects: list[Effect], waited: float, patience: float) -> str:
        """Reason that a node fails by itself; empty where it does not."""
        if waited >= patience:
            return "queue" if patience >= LONGEST_MS else "pool"
        by_chance = "chance" if self.dice.random() < operation.fails else ""
        return next((one.fails for one in effects if one.fails), by_chance)

    def _below(self, name: str, version: str, operation: Operation, at: float, spent: float, request: Request) -> Below:
        """Outcome of the calls that an operation makes, one after the other, until one fails that it needs."""
        took_ms, failed, used, nonsense = 0.0, False, [], False
        for link in operation.links:
            took, why = self._call(name, version, link, at + (spent + took_ms) / 1000, request)
            took_ms += took
            if took or why:
                used.append((link.callee, link.operation, why))
            if why == "nonsense" and self._passes(name, link.callee, at):
                nonsense, why = True, ""
            failed = failed or why not in ("", "nonsense")
            if why and not link.optional:
                return Below(took_ms, why, failed, tuple(used))
        return Below(took_ms, "", failed, tuple(used), nonsense)

    def _queue(self, node: Node, at: float, own: float, patience: float) -> float:
        servers = node.servers
        for one in self._on.get(node.id, ()):
            if one.servers != 1.0:
                servers *= 1 + (one.servers - 1) * one.grown(at)
        servers = max(servers, FEWEST)
        backlog, last = self._backlog.get(node.id, (0.0, at))
        backlog = max(0.0, backlog - servers * 1000 * max(0.0, at - last))
        waited = max(0.0, (backlog - (servers - 1) * own) / servers)
        # A queue is bounded: who waits longer than anybody has patience for is dropped.
        self._backlog[node.id] = (min(backlog + own, servers * patience + own), max(at, last))
        return min(waited, patience)

    def _call(self, caller: str, by: str, link: Link, at: float, request: Request) -> tuple[float, str]:
        """Milliseconds that the caller waited for one callee, and why it failed; empty where it went well."""
        if link.share < 1 and self.dice.random() >= link.share:
            return 0.0, ""
        times, retries = self._habits(caller, by, link, at, request)
        whole, why, left = 0.0, "", retries
        while times:
            took, why = self._try(caller, by, link, at + whole / 1000, request)
            whole += took
            if why in ("", "nonsense"):
                times, left = 0 if why else times - 1, retries
                continue
            if not left:
                break
            left -= 1
            self._line(Line(caller, by, "retry", link.callee), at)
        if why and not (why == "nonsense" and self._passes(caller, link.callee, at)):
            self._line(Line(caller, by, "nonsense" if why == "nonsense" else f"call.{why}", link.callee), at)
        return whole, why

    def _habits(self, caller: str, by: str, link: Link, at: float, request: Request) -> tuple[int, int]:
        """Times that the caller makes a call, and times that it tries each of them again."""
        times, retries = 1, link.retries
        for one in self._of_links.get((caller, link.callee), ()):
            unlike = one.times != 1 or one.retries is not None
            if unlike and one.operation in (None, link.operation) and self._hit(one, at, request.traits, by):
                times = one.times * times
                retries = retries if one.retries is None else one.retries
        return times, retries

    def _passes(self, caller: str, callee: str, at: float) -> bool:
        return any(one.passes and one.grown(at) for one in self._of_links.get((caller, callee), ()))

    def _try(self, caller: str, by: str, link: Link, at: float, request: Request) -> tuple[float, str]:
        name, number = link.callee, link.operation
        effects = [
            one
            for one in self._of_links.get((caller, name), ())
            if one.operation in (None, number) and self._hit(one, at, request.traits, by)
        ]
        net = self.dice.uniform(0.2, 0.9) + sum(one.adds_ms for one in effects)
        refused = next((one.fails for one in effects if one.fails), "")
        version = self._version(name, at)
        if refused:
            answer, took, why = Answer(None, failed=False), net, refused
        elif rejected := next((one.rejects for one in effects if one.rejects), ""):
            answer, took, why = Answer(net, failed=False), 2 * net, rejected
            self._line(Line(name, version, f"refused.{rejected}", caller), at)
        else:
            patience = min((one.timeout_ms for one in effects if one.timeout_ms), default=link.timeout_ms)
            answer = self._visit(name, number, at, version, request)
            took = math.inf if answer.inside_ms is None else answer.inside_ms + net
            nonsense = answer.nonsense or any(one.nonsense for one in effects)
            why = "timeout" if took > patience else "status" if answer.failed else "nonsense" if nonsense else ""
            took = min(took, patience)
        if request.traced:
            seen = answer
            if self.system.nodes[name].sort != "service" or not self.system.nodes[name].traced:
                seen = Answer(None, failed=False)
            self._row(caller, name, version, number, at, took, seen, failed=bool(why) and why != "nonsense")
        return took, why

    def _row(
        self, caller: str, name: str, version: str, number: int, at: float, took: float, seen: Answer, *, failed: bool
    ) -> None:
        told = seen.inside_ms is not None
        badly, below = told and seen.failed, min(seen.below_ms, seen.inside_ms or 0.0)
        self.told.calls.setdefault((caller, name, version, number), []).append(
            Row(at, took, seen.inside_ms, below, failed, badly, told and seen.failed_below)
        )

    def _note(self, name: str, number: int, visit: Visit) -> None:
        self.told.visits.setdefault(name, []).append(visit)
        self._line(Line(name, visit.version, f"served.{number}"), visit.at)
        if self.dice.random() < 0.1:
            self._line(Line(name, visit.version, f"detail.{number}"), visit.at)
        if self.dice.random() < 0.02:
            self._line(Line(name, visit.version, "now_and_then"), visit.at)

    def _line(self, line: Line, at: float) -> None:
        buckets = self.told.lines.setdefault(line, {})
        bucket = int(at // self.shape.step)
        buckets[bucket] = buckets.get(bucket, 0) + 1

    def _keep(self, name: str, number: int, kept: Kept) -> None:
        if kept.failed or self.dice.random() < 0.05:
            self.told.kept.setdefault((name, number), []).append(kept)


def run(system: System, shape: Shape, causes: Causes, dice: Random) -> Told:
    """Everything that happens in so many seconds."""
    return Simulation(system, shape, causes, dice).run()
