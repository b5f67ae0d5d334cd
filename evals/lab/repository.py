"""Lays out the shop's own git repository: a history of commits, a tag for every released version.

The history is written down in ``shop_history.yaml`` and built from the one tree under ``shop/``: each commit adds
paths, and a later edit is undone in every commit before it.  A fault's overlay replaces files in all of them, so
that its bug is as old as the code.  Authors, dates and contents are fixed: the same fault gives the same commits.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import yaml
from pydantic import AwareDatetime

from evals.lab.faults import BadDeploy, Fault
from incident.errors import BadInput, Unavailable
from incident.value import Value

HERE = Path(__file__).parent
SHOP = HERE / "shop"
HISTORY = HERE / "shop_history.yaml"
RECORDER = HERE.parent.parent / "tools" / "recorder" / "flight_recorder.py"
RECORDER_AT = "libs/shopkit/flight_recorder.py"
AUTHOR = "Shop Team <shop@example.com>"


class Edit(Value):
    """Between the commit before and this one, `before` became `now`, once in the file."""

    path: str
    before: str
    now: str


class Step(Value):
    """One commit."""

    subject: str
    at: AwareDatetime
    adds: tuple[str, ...] = ()
    """Paths that appear with it; one that ends in a slash is a folder."""
    edits: tuple[Edit, ...] = ()
    tags: tuple[str, ...] = ()
    """``SERVICE/vVERSION`` of what was released from it."""


class Version(Value):
    """A released version of one service."""

    name: str
    commit: str


class Layout(Value):
    """The repository as it was laid out."""

    root: Path
    head: str
    versions: dict[str, Version]
    """Versions that run when the world starts, by service."""
    previous: dict[str, Version]
    """The release before that, where there is one."""
    releases: tuple[Version, ...] = ()
    """The fault's releases in their order, committed and tagged but not yet deployed."""


def lay_out(target: Path, fault: Fault | None) -> Layout:
    """Build the repository in `target`, which must not exist or be empty.

    Raises BadInput when it is not empty and Unavailable when git fails.
    """
    if target.exists() and any(target.iterdir()):
        raise BadInput("target", str(target), "name a folder that is empty or does not exist")
    target.mkdir(parents=True, exist_ok=True)
    steps, trees = history(fault)
    _git(target, "init", "--quiet", "--initial-branch=main")
    marks = target / ".git" / "suture-marks"
    _git(target, "fast-import", "--quiet", f"--export-marks={marks}", stdin=_stream(steps, trees))
    commits = [line.split()[1] for line in sorted(marks.read_text().splitlines(), key=_mark)]
    marks.unlink()
    _git(target, "reset", "--quiet", "--hard", "main")
    return _layout(target, fault, steps, commits)


def history(fault: Fault | None) -> tuple[tuple[Step, ...], tuple[dict[str, bytes], ...]]:
    """The commits and the whole tree of each, oldest first; the fault's releases are the last ones."""
    steps = tuple(Step.model_validate(step) for step in yaml.safe_load(HISTORY.read_text())["commits"])
    final = shop_files()
    if fault is not None and fault.overlay is not None:
        final = _replaced(final, fault.files(fault.overlay))
    trees = [final]
    for step in reversed(steps):
        trees.append(_before(step, trees[-1]))
    trees.reverse()
    if trees[0]:
        raise BadInput("shop_history.yaml", sorted(trees[0])[:3], "let some commit add these files")
    for release in fault.releases if fault is not None else ():
        steps += (_release_step(release, steps[-1]),)
        trees.append(_replaced(trees[-1], fault.files(release.overlay) if fault is not None else {}))
    return steps, tuple(trees[1:])


def shop_files() -> dict[str, bytes]:
    """The shop's files by path, with the recorder that it copied."""
    paths = (path for path in SHOP.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    files = {path.relative_to(SHOP).as_posix(): path.read_bytes() for path in sorted(paths)}
    return files | {RECORDER_AT: RECORDER.read_bytes()}


def _replaced(files: dict[str, bytes], overlay: Mapping[str, bytes]) -> dict[str, bytes]:
    return files | dict(overlay)


def _before(step: Step, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The tree of the commit before `step`, from the tree with it."""
    earlier = dict(files)
    for edit in step.edits:
        text = earlier[edit.path].decode()
        if text.count(edit.now) != 1:
            raise BadInput(f"edit of {edit.path}", edit.now[:60], "name text that stands there exactly once")
        earlier[edit.path] = text.replace(edit.now, edit.before).encode()
    return {path: content for path, content in earlier.items() if not _added(step, path)}


def _added(step: Step, path: str) -> bool:
    return any(path == added or (added.endswith("/") and path.startswith(added)) for added in step.adds)


def _release_step(release: BadDeploy, last: Step) -> Step:
    tag = f"{release.service}/{release.version}"
    return Step(subject=release.subject, at=last.at + timedelta(days=2), tags=(tag,))


def _layout(root: Path, fault: Fault | None, steps: tuple[Step, ...], commits: list[str]) -> Layout:
    released: dict[str, list[Version]] = {}
    for step, commit in zip(steps, commits, strict=True):
        for tag in step.tags:
            service, name = tag.split("/")
            released.setdefault(service, []).append(Version(name=name, commit=commit))
    later = fault.releases if fault is not None else ()
    releases = tuple(released[release.service].pop() for release in reversed(later))[::-1]
    return Layout(
        root=root,
        head=commits[-1],
        versions={service: versions[-1] for service, versions in sorted(released.items())},
        previous={service: versions[-2] for service, versions in sorted(released.items()) if len(versions) > 1},
        releases=releases,
    )


def _stream(steps: tuple[Step, ...], trees: tuple[dict[str, bytes], ...]) -> bytes:
    """The history in git's fast-import format; see git-fast-import(1)."""
    out: list[bytes] = []
    for number, (step, tree) in enumerate(zip(steps, trees, strict=True), start=1):
        who = f"{AUTHOR} {_seconds(step.at)} +0000"
        out.append(f"commit refs/heads/main\nmark :{number}\nauthor {who}\ncommitter {who}\n".encode())
        out += [_data(step.subject.encode() + b"\n"), b"deleteall\n"]
        for path, content in tree.items():
            out += [f"M 100644 inline {path}\n".encode(), _data(content)]
        out += [f"reset refs/tags/{tag}\nfrom :{number}\n\n".encode() for tag in step.tags]
    return b"".join(out)


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _mark(line: str) -> int:
    return int(line.split(maxsplit=1)[0].removeprefix(":"))


def _git(root: Path, *arguments: str, stdin: bytes = b"") -> None:
    git = shutil.which("git")
    if git is None:
        raise Unavailable("the lab needs git; install it and start again")
    environment = {"PATH": os.environ.get("PATH", ""), "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    try:
        subprocess.run(
            (git, "-C", str(root), "-c", "core.autocrlf=false", *arguments),
            input=stdin,
            env=environment,
            check=True,
            capture_output=True,
            timeout=30,
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise Unavailable(f"git {arguments[0]} failed in {root}") from error
