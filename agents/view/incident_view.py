"""One incident as an agent's tools may see it: reading methods of the ports, and nothing else."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from agents.view import source
from agents.view.source import Place
from incident.evidence import Dossier, ErrorGroup, Neighbours, Signals
from incident.stacks import Frame
from tools import ports

MAX_FILES = 60
"""Files of the component that are outlined; those on a stack come first."""

MAX_PLACES = 200
"""Functions that are offered by name."""


@dataclass(frozen=True)
class View:
    """One incident's evidence, its service's source at the running commit, and the observing ports.

    Without a `component` there is no source: no files, no functions, no frames of its own.  `captures` is optional:
    with it, agents may see the *shapes* of recorded requests, never values.
    """

    dossier: Dossier
    repository: ports.Repository
    commit: str
    """Commit that the source is read at; empty without source."""
    component: ports.Component | None
    metrics: ports.Metrics
    logs: ports.Logs
    traces: ports.Traces
    platform: ports.Platform
    changes: ports.Changes
    surroundings: ports.Places
    captures: ports.Captures | None = None

    @cached_property
    def until(self) -> datetime:
        """The newest time in the dossier: windows end there, so that asking again gives the same answer."""
        times = [self.dossier.onset]
        for item in self.dossier.evidence:
            match item.fact:
                case Signals():
                    times.append(item.fact.end)
                case ErrorGroup():
                    times.append(item.fact.last)
                case _:
                    pass
        return max(times)

    @property
    def healthy(self) -> datetime:
        """Start of a search that shall see some of the healthy time too."""
        times = self.dossier.windows
        return times.recent(self.dossier.onset - times.before, self.until)

    @cached_property
    def services(self) -> tuple[str, ...]:
        """The service and its direct neighbours, as far as the platform knows them."""
        names = [self.dossier.service]
        for item in self.dossier.of("neighbours"):
            if isinstance(item.fact, Neighbours):
                names += [*item.fact.callees, *item.fact.callers]
        # Names in spans are written by the workload: only the platform says which services there are.
        known = set(self.platform.services())
        return tuple(name for name in dict.fromkeys(names) if name in known)

    @cached_property
    def frames(self) -> tuple[Frame, ...]:
        """Stack frames inside the repository, innermost of the most frequent error first, without repeats."""
        found: dict[tuple[str, int], Frame] = {}
        for item in self.dossier.of("error_group"):
            if not isinstance(item.fact, ErrorGroup):
                continue
            at = item.fact.signature
            place = Frame(path=at.path, line=at.line, function=at.function)
            # The signature's place first: the innermost frame may lie in a library.
            for frame in (place, *reversed(item.fact.frames)):
                if frame.path in self.files:
                    found.setdefault((frame.path, frame.line), frame)
        return tuple(found.values())

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Files that agents may read: the component's, its tests' and its schemas', in a stable order."""
        if self.component is None:
            return ()
        listed = [
            *self.repository.files(self.commit, self.component.path),
            *self.repository.files(self.commit, self.component.tests),
            *self.component.schemas,
        ]
        return tuple(sorted(set(listed)))

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Functions of the component, those in files on a stack first.  Tests are not among them."""
        on_stack = [frame.path for frame in self.frames]
        ordered = dict.fromkeys([*on_stack, *self.files])
        code = [path for path in ordered if path.endswith(".py") and not self.is_test(path)]
        found = [place for path in code[:MAX_FILES] for place in source.outline(path, self.text(path))]
        return tuple(found[:MAX_PLACES])

    def is_test(self, path: str) -> bool:
        """True when a file belongs to the tests, or lies outside the component, as every file does without one."""
        if self.component is None:
            return True
        inside = path.startswith(self.component.path.rstrip("/") + "/")
        return not inside or path.startswith(self.component.tests.rstrip("/") + "/")

    def text(self, path: str) -> str:
        """A file at the running commit.  Raises KeyError when there is none."""
        if self.component is None:
            raise KeyError(path)
        return self.repository.text(self.commit, path)

    def at(self, path: str, line: int) -> Place | None:
        """The innermost function around a line, or None outside of every function."""
        around = [place for place in self.places if place.path == path and place.first <= line <= place.last]
        return min(around, key=lambda place: place.last - place.first, default=None)
