"""A person who watches the world and steps in with ``graph.control`` at a moment."""

import threading
import time
from collections.abc import Callable

import httpx

from evals.judging.labs import Lab
from evals.judging.seen import Glimpse, Said
from evals.scenarios.healer import Healer
from evals.scenarios.spec import People

LOOK = 0.1
"""Seconds between two looks."""


class Person:
    """Watches from `start` until `end`; what was done stands in `said` and `glimpses`."""

    def __init__(self, people: People, lab: Lab, healer: Healer, incident: Callable[[], str]) -> None:
        self._people, self._lab, self._healer, self._incident = people, lab, healer, incident
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=people.by)
        self.said: tuple[Said, ...] = ()
        self.glimpses: tuple[Glimpse, ...] = ()

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def end(self) -> None:
        """The healer has ended: stop watching, when the steps are done."""
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.is_set():
            if self._come() and self._incident():
                self._step_in()
                return
            time.sleep(LOOK)

    def _come(self) -> bool:
        return self._people.when.share in self._weights().values()

    def _weights(self) -> dict[str, int]:
        try:
            return {item.name: item.weight for item in self._lab.workload(self._people.when.service).versions}
        except httpx.HTTPError:
            return {}

    def _step_in(self) -> None:
        for step in self._people.steps:
            time.sleep(step.after_seconds)
            before = self._weights()
            words = ("--as", self._people.by, *(("--reason", step.reason) if step.reason else ()))
            self.said += (self._healer.run(step.do, "graph.control", self._incident(), step.do, *words),)
            self.glimpses += (Glimpse(step=step.do, weights=before, after=self._weights()),)
