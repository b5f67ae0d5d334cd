"""Waves of incidents: each is killed at its points, one process after another, and then the scanner resumes them all."""

import json
import multiprocessing
import signal
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from evals.chaos import judge, worker
from evals.chaos import world as worlds
from evals.chaos.points import Point
from graph import replay
from graph.runtime import scanner as scanning
from graph.runtime import unfinished
from graph.runtime.unfinished import Unfinished
from incident.errors import Tampered
from tools.audit import chain_file
from tools.clock import SystemClock
from tools.records import record_folder, sqlite_incidents, sqlite_ledger
from tools.records.home import Home, lay_out
from tools.records.marks import Marks

_SERVER = multiprocessing.get_context("forkserver")
"""Each child is forked by a clean, single-threaded process that has imported everything: a restart in milliseconds."""

KILLED = -signal.SIGKILL
LONGEST = 240.0
"""Seconds after which one process is stopped and its incident counted as lost."""


@dataclass
class Plight:
    """One incident with its world, and what has happened to it."""

    name: str
    folder: Path
    points: tuple[Point, ...]
    url: str = ""
    incident: str = ""
    kills: list[judge.Killed] = field(default_factory=list)
    missed: int = 0
    restarted: datetime | None = None
    process: ForkServerProcess | None = None
    talk: Connection | None = None

    @property
    def payload(self) -> Path:
        """The alert as its world fired it."""
        return self.folder / "alert.json"


class Campaign:
    """Kills and resumptions over one home that all incidents share."""

    def __init__(self, root: Path, *, forgets: bool) -> None:
        self._root, self._forgets = root, forgets
        self.home: Home = lay_out(root / "home")
        self._clock = SystemClock()
        self._ledger = sqlite_ledger.open(self.home.ledger, self._clock)
        self._audit = chain_file.open(self.home.audit, self.home.audit_key, self.home.audit_anchor, self._clock)
        marks = Marks(chain_file.load_key(self.home.audit_key))
        self._incidents = sqlite_incidents.open(self.home.incidents_index, self._clock, self._audit, marks)
        _SERVER.set_forkserver_preload(["evals.chaos.worker", "evals.chaos.world"])

    def wave(self, names: Sequence[str], hands: Sequence[tuple[Point, ...]]) -> tuple[judge.Verdict, ...]:
        """Kill so many incidents at their points at the same time, resume them together, and judge."""
        plights = [
            Plight(name=name, folder=self._root / name, points=points)
            for name, points in zip(names, hands, strict=True)
        ]
        try:
            with ThreadPoolExecutor(max_workers=len(plights)) as pool:
                list(pool.map(self._suffer, plights))
            self._resume(plights)
            return tuple(self._judged(one) for one in plights)
        finally:
            for one in plights:
                self._end(one)

    def close(self) -> None:
        """Close the stores."""
        self._incidents.close()
        self._ledger.close()

    def _suffer(self, one: Plight) -> None:
        """Bring its world up and let process after process be killed on it."""
        self._begin(one)
        for number, point in enumerate(one.points):
            code = self._work(one, point)
            if code == KILLED:
                asked = len(worlds.asked(one.folder / "world"))
                one.kills.append(judge.Killed(incident=one.name, point=point, asked=asked))
                one.incident = one.incident or self._identity(one.name)
            elif self._closed(one):
                one.missed += len(one.points) - number
                return
            else:
                one.missed += 1

    def _begin(self, one: Plight) -> None:
        ours, theirs = _SERVER.Pipe()
        folder = one.folder / "world"
        one.folder.mkdir(parents=True)
        keywords = {"lenient": self._forgets}
        process = _SERVER.Process(
            target=worlds.serve, args=(folder, one.name, theirs), kwargs=keywords, name=one.name, daemon=True
        )
        process.start()
        theirs.close()
        one.process, one.talk = process, ours
        if not ours.poll(60.0):
            raise TimeoutError(f"the world {one.name} did not come up")
        said = json.loads(ours.recv())
        one.url = said["url"]
        one.payload.write_text(json.dumps(said["payload"]))

    def _work(self, one: Plight, point: Point | None) -> int | None:
        order = worker.Order(
            home=self.home.root,
            url=one.url,
            payload=one.payload,
            incident=one.incident,
            point=point,
            forgets=self._forgets,
            log=one.folder / "words.txt",
        )
        process = _SERVER.Process(target=worker.work, args=(order,), daemon=True)
        process.start()
        process.join(LONGEST)
        if process.exitcode is None:
            process.kill()
            process.join()
            return None
        return process.exitcode

    def _resume(self, plights: Sequence[Plight]) -> None:
        """Restart: the product's scanner finds them; what it starts are workers that nothing kills."""
        now = self._clock.now()
        by = {one.incident: one for one in plights if one.incident}
        for one in plights:
            one.restarted = now

        def find() -> tuple[Unfinished, ...]:
            found = unfinished.among(
                self._incidents.rows(), self._incidents.alive, self._clock.now(), timedelta(hours=4)
            )
            return tuple(item for item in found if item.row.id in by)

        def start(item: Unfinished) -> scanning.Resumed:
            code = self._work(by[item.row.id], None)
            words = (by[item.row.id].folder / "words.txt").read_text(encoding="utf-8")
            outcome, _, reason = (words.strip().splitlines() or [""])[-1].partition(": ")
            said = json.dumps({"outcome": outcome, "reason": reason}) if code == 0 else ""
            return scanning.heard(item, code or 0, said, words)

        scanner = scanning.Scanner(find, start, lambda _: None, lambda item: item)
        with ThreadPoolExecutor(max_workers=len(plights)) as pool:
            scanner.look(pool, now)
            while not scanner.idle:
                scanner.collect(self._clock.now(), timedelta(seconds=1))
                self._clock.sleep(0.1)

    def _judged(self, one: Plight) -> judge.Verdict:
        row = self._incidents.find(one.incident or self._identity(one.name))
        entries = () if row is None else self._ledger.entries(row.id)
        asked = worlds.asked(one.folder / "world")
        verdict = judge.judged(one.name, row, entries, asked, tuple(one.kills), one.missed, one.restarted)
        return verdict.model_copy(update={"replay": self._replayed(verdict)})

    def _replayed(self, verdict: judge.Verdict) -> str:
        """The difference that ``graph.replay`` would find in the record; empty when there is none."""
        if not verdict.incident or self._forgets:
            return ""
        journal = record_folder.open(self.home.incidents, verdict.incident, self._clock)
        try:
            replay.unchanged(self._audit, journal, verdict.incident)
            replay.decided_again(journal)
        except Tampered as error:
            return str(error)
        return ""

    def _identity(self, world: str) -> str:
        return next((row.id for row in self._incidents.rows() if row.world == world), "")

    def _closed(self, one: Plight) -> bool:
        row = self._incidents.find(one.incident or self._identity(one.name))
        return row is not None and row.status == "closed"

    def _end(self, one: Plight) -> None:
        if one.talk is not None:
            one.talk.close()
        if one.process is not None:
            one.process.join(10.0)
            if one.process.is_alive():
                one.process.kill()
                one.process.join()
