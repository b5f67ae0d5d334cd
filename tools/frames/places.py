"""Finds the repository's file that a frame of a trace stands for, and the frame that an error is told apart by.

A trace names a file by where it lay when the program was built or ran; the repository names it by where it lies there.
Both end alike.  A frame gets the file that shares the longest end with it, and no place when two files share as much,
or when so little is shared that another file could only be called alike.
"""

import posixpath
from collections.abc import Iterable, Sequence

from incident.errors import Refused
from incident.evidence import Missing, Signature
from incident.stacks import Frame
from tools import ports

_FOREIGN = frozenset({"site-packages", "dist-packages", ".venv", "venv", "node_modules", "gems"})
"""Folders of installed packages, also inside of a checkout."""
_INSTALLED = (
    "/lib/python",
    "/lib/ruby/",
    "/pkg/mod/",
    "/go/src/runtime/",
    "/usr/lib/",
    "/usr/share/",
    "/usr/local/lib/",
)
_SHARED = frozenset({"libs", "lib", "vendor"})


class Files:
    """The paths of a repository's files, found by how they end.  `component` is the folder of the service, or empty."""

    def __init__(self, files: Iterable[str], component: str = "") -> None:
        self._component = component.strip("/")
        self._named: dict[str, list[list[str]]] = {}
        for path in files:
            parts = path.split("/")
            self._named.setdefault(parts[-1], []).append(parts)

    @property
    def component(self) -> str:
        """The folder of the service; empty when nobody knows it."""
        return self._component

    def placed(self, frames: Sequence[Frame], root: str) -> tuple[Frame, ...]:
        """The frames of a process that runs below `root`: what lies there has its path in the repository.

        An absolute path elsewhere is foreign then.  Where the root is not known (empty), and for a runtime that
        writes no absolute paths, a file is found by how it ends.
        """
        if not root or not all(frame.path.startswith("/") for frame in frames):
            known = self.located(frames)
        else:
            known = tuple(frames)
        inside = f"{root.rstrip('/')}/"
        return tuple(
            _moved(frame, frame.path.removeprefix(inside)) if root and frame.path.startswith("/") else other
            for frame, other in zip(frames, known, strict=True)
        )

    def located(self, frames: Sequence[Frame]) -> tuple[Frame, ...]:
        """The frames, with the repository's path where it is known; any other path stays absolute or in brackets."""
        roots = self._roots(frames)
        return tuple(frame.model_copy(update={"path": self._path(frame, roots) or frame.path}) for frame in frames)

    def _path(self, frame: Frame, roots: Sequence[tuple[str, str]]) -> str | None:
        parts = _parts(frame)
        found, shared = self._best(parts)
        if found is not None and (shared >= 2 or self._weighs(parts, found)):
            return "/".join(found)
        # Below a folder that other frames of the trace have placed.
        path = "/".join(parts)
        below = {posixpath.join(root, path[len(deployed) :]) for deployed, root in roots if path.startswith(deployed)}
        known = [path for path in below if path.split("/") in self._named.get(parts[-1], [])]
        return known[0] if len(known) == 1 else None

    def _best(self, parts: Sequence[str]) -> tuple[list[str] | None, int]:
        """The one file that shares the longest end, with how many names it shares; of equal ones the component's."""
        if not parts:
            return None, 0
        shared = [(_shared(parts, other), other) for other in self._named.get(parts[-1], [])]
        most = max((count for count, _ in shared), default=0)
        best = [other for count, other in shared if count == most]
        own = [other for other in best if self._is_own(other)]
        found = own if len(best) > 1 else best
        return (found[0], most) if len(found) == 1 else (None, 0)

    def _weighs(self, parts: Sequence[str], found: Sequence[str]) -> bool:
        """True when a file may be known by its name alone: it is all that the trace says, and the component has one."""
        return len(parts) == 1 and self._is_own(found) and bool(self._component)

    def _is_own(self, parts: Sequence[str]) -> bool:
        return "/".join(parts).startswith(f"{self._component}/") if self._component else False

    def _roots(self, frames: Sequence[Frame]) -> list[tuple[str, str]]:
        """Folders of the trace with the repository's folder that stands for each, most certain first."""
        found: dict[tuple[str, str], None] = {}
        for frame in frames:
            parts = _parts(frame)
            file, shared = self._best(parts)
            if file is not None and shared >= 2:
                found["/".join([*parts[:-shared], ""]), "/".join(file[:-shared])] = None
        return list(found) or self._flat(frames)

    def _flat(self, frames: Sequence[Frame]) -> list[tuple[str, str]]:
        """The component's folder copied to one of another name: all files of the trace's folder are among its own.

        Two files or more must agree; one could be any program's.
        """
        folders: dict[str, set[str]] = {}
        for frame in frames:
            if frame.path.startswith("/") and (parts := _parts(frame)):
                folders.setdefault("/".join([*parts[:-1], ""]), set()).add(parts[-1])
        own = {
            parts[-1] for named in self._named.values() for parts in named if "/".join(parts[:-1]) == self._component
        }
        fits = [folder for folder, names in folders.items() if names <= own and len(names) >= 2]
        return [(fits[0], self._component)] if self._component and len(fits) == 1 else []


def _moved(frame: Frame, path: str) -> Frame:
    return frame if path == frame.path else frame.model_copy(update={"path": path})


def _parts(frame: Frame) -> list[str]:
    """The names of a frame's path, root first; none for a file of an installed package or of the runtime."""
    path = frame.path[1:-1] if frame.path.startswith("<") else frame.path
    parts = path.split("/")
    if not path or not _FOREIGN.isdisjoint(parts) or any(sign in path for sign in _INSTALLED) or _is_go_library(parts):
        return []
    return parts


def _is_go_library(parts: Sequence[str]) -> bool:
    """True for a package of Go itself, below ``go/src``: other people's packages begin with a domain."""
    return any(
        one.startswith("go") and two == "src" and "." not in three
        for one, two, three in zip(parts, parts[1:], parts[2:], strict=False)
    )


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    count = 0
    for left, right in zip(reversed(one), reversed(other), strict=False):
        if left != right:
            break
        count += 1
    return count


def place(frames: Sequence[Frame], component: str) -> Frame | None:
    """The frame that an error is told apart by, or None when none lies in the repository.

    The innermost one below the component's folder; without one the innermost outside shared
    libraries; without that the innermost in the repository.
    """
    own = [frame for frame in frames if _inside(frame)]
    below = [frame for frame in own if component and f"{frame.path}/".startswith(f"{component.rstrip('/')}/")]
    direct = [frame for frame in own if frame.path.partition("/")[0] not in _SHARED]
    found = below or direct or own
    return found[-1] if found else None


def signature(service: str, route: str, exception: str, frames: Sequence[Frame], component: str) -> Signature | None:
    """The signature that groups equal errors, or None when no frame lies in the repository."""
    found = place(frames, component)
    if found is None:
        return None
    return Signature(
        service=service,
        route=route,
        exception=exception,
        path=found.path,
        function=found.function,
        line=found.line,
    )


def _inside(frame: Frame) -> bool:
    """True when the frame lies in the repository: relative, and not in an environment that was installed inside it."""
    return not frame.path.startswith(("/", "<", ".")) and _FOREIGN.isdisjoint(frame.path.split("/"))


def of_service(repository: ports.Repository, service: str) -> Files:
    """The files at the main branch with the service's folder; none of a service that the repository does not name."""
    found = repository.component(service)
    if isinstance(found, Missing):
        return Files(())
    try:
        return Files(repository.files("HEAD", ""), found.path)
    except Refused:
        # Too large to be listed: paths below a process's own root are known without a list.
        return Files((), found.path)
