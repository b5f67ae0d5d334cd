"""Answers of many generated patches at once: each is written into a tree of its own and driven directly.

They are our own code, made from our own services by changes of syntax, so that they need no sandbox.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

from evals.bench.repair import layout, observations, oracle
from evals.bench.repair.oracle import Answer
from evals.bench.repair.planted import Bug, Request
from incident.remedy import FileEdit
from tools import ports

SECONDS = 5
"""Processor time of one patched service; right ones take a tenth of one."""


def answers(
    folder: Path, bug: Bug, requests: Sequence[Request], patches: Sequence[tuple[FileEdit, ...]], runtime: ports.Runtime
) -> tuple[tuple[Answer, ...] | None, ...]:
    """The answers of each patched service, in the order of the requests; None where it did not end.

    Raises Unavailable.
    """
    timed = tuple((request, oracle.WHEN) for request in requests)
    jobs: list[observations.Job] = []
    for number, edits in enumerate(patches):
        tree = folder / f"{number}"
        layout.write(tree, bug.service, bug)
        for edit in edits:
            (tree / edit.path).write_text(edit.after, encoding="utf-8")
        jobs.append(observations.Job(tree=tree, service=bug.service, requests=timed, seconds=SECONDS))
    found = observations.attempt(jobs, runtime)
    shutil.rmtree(folder, ignore_errors=True)
    return tuple(None if driven is None else tuple(map(oracle.answer, driven.answers)) for driven in found)
