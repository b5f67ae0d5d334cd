"""Judges generated patches: what the hidden tests say of each, and what the proof does with it."""

import itertools
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from evals.bench.repair import bugs, oracle, proving
from evals.bench.repair.generated import drawn, screening
from evals.bench.repair.generated.drawn import Generated
from evals.bench.repair.planted import Bug
from evals.bench.repair.proving import Proven, Workshop
from graph.config.settings import Settings
from incident.errors import Unavailable
from incident.value import Value
from tools import ports


class Judged(Value):
    """One generated patch."""

    patch: Generated
    seed: int
    right: bool | None
    """Every hidden test passes; None where the failing request is still not answered, which ends its way here."""
    failed_hidden: tuple[str, ...] = ()
    proven: Proven | None = None


DRAWN = 60
"""Patches of one bug that are drawn, at most: there may be fewer than are wanted that reach the question."""

AT_ONCE = 30
"""Patches that are asked together."""


class Skipped(Value):
    """A bug of which nothing could be judged."""

    bug: str
    why: str


class Work(Value):
    """One bug to judge, and what is known of it already."""

    bug: Bug
    number: int
    """Wrong patches that reach the question which answer is right."""
    seed: int
    done: tuple[Judged, ...] = ()
    state: Path | None = None


def all_of(works: Sequence[Work], base: Settings, runtime: ports.Runtime, jobs: int) -> Iterator[Judged | Skipped]:
    """Judge all that is drawn, bug by bug, in that many processes."""
    judging = partial(bug, base=base, runtime=runtime)
    if jobs == 1:
        for work in works:
            yield from judging(work)
        return
    # Not forked: the prover's threads and open files are no child's.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for found in pool.map(judging, works):
            yield from found


def bug(work: Work, base: Settings, runtime: ports.Runtime) -> tuple[Judged | Skipped, ...]:
    """Judge what is drawn of one bug; each is written to the state file as it ends."""
    with tempfile.TemporaryDirectory(prefix="suture-generated-") as folder:
        try:
            with proving.workshop(Path(folder) / "healed", work.bug, base, runtime) as workshop:
                return tuple(_judged(work, workshop, Path(folder) / "hidden", runtime))
        except (LookupError, Unavailable) as error:
            return (Skipped(bug=work.bug.name, why=str(error)),)


def _judged(work: Work, workshop: Workshop, hidden: Path, runtime: ports.Runtime) -> Iterator[Judged]:
    place = drawn.scene_of(work.bug, workshop.world.seen.failure)
    known = {item.patch: item for item in work.done}
    judge = oracle.Oracle(hidden, work.bug, bugs.traffic(work.bug.service), runtime)
    left = work.number
    patches = itertools.islice(drawn.draw(work.bug, place, work.seed), DRAWN)
    while batch := tuple(itertools.islice(patches, AT_ONCE)):
        asked = [patch for patch in batch if patch not in known]
        edits = [workshop.edits(patch.text) for patch in asked]
        told = screening.answers(hidden / "trials", work.bug, judge.requests, edits, runtime)
        answers = dict(zip(asked, told, strict=True))
        for patch in batch:
            found = known.get(patch) or _marked(work, workshop, judge, patch, answers[patch])
            if patch not in known:
                _keep(work.state, found)
            yield found
            left -= found.right is False and found.proven is not None and found.proven.reached
            if not left:
                return


def _marked(
    work: Work, workshop: Workshop, judge: oracle.Oracle, patch: Generated, answers: tuple[oracle.Answer, ...] | None
) -> Judged:
    found = Judged(patch=patch, seed=work.seed, right=None)
    # The failing request is the first one.
    if answers is None or answers[0].status is None:
        return found
    marked = judge.mark(answers)
    proven = workshop.prove(patch.text, f"{patch.kind}: {patch.label}")
    return found.model_copy(update={"right": marked.correct, "failed_hidden": marked.wrong, "proven": proven})


def read(file: Path | None, seed: int) -> tuple[Judged, ...]:
    """Lines of a state file that are of this seed."""
    if file is None or not file.exists():
        return ()
    lines = file.read_text(encoding="utf-8").splitlines()
    found = [Judged.model_validate_json(line) for line in lines]
    return tuple(item for item in found if item.seed == seed)


def _keep(file: Path | None, found: Judged) -> None:
    if file is None:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    # One write without a buffer: several processes add lines to the same file.
    with file.open("ab", buffering=0) as lines:
        lines.write(f"{found.model_dump_json()}\n".encode())
