"""Repair bench: share of planted bugs that are mended, by way: ``python -m evals.bench.repair``.

Ways: ``playbook`` (repair templates, no model), ``agent`` (the endpoint of the OPENAI_* variables through the whole
product) and ``single`` (the same endpoint, one prompt with the function and its traceback).  Only hidden tests decide
what is correct.  Rows are told apart by set: nothing may be fitted to the held-out bugs.  With ``--state`` every attempt is written as it ends, and a later run goes on from there.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, get_args

from pydantic import JsonValue

from agents.models import factory, price
from evals.bench import reporting
from evals.bench.repair import bugs, given, incident, judging, oracle, single, stage, wrongs
from evals.bench.repair.attempt import Attempt, Summary, summary
from evals.bench.repair.generated import drawn, judged, report
from evals.bench.repair.planted import Bug
from evals.bench.repair.restructured.bug import changed
from evals.lab import repository
from evals.lab import runtime as shop_runtime
from graph.config import settings
from graph.config.settings import Settings
from incident.errors import BadInput, SutureError
from policies import profiles
from tools import ports
from tools.clock import SystemClock

Way = Literal["playbook", "agent", "single"]
WAYS: tuple[Way, ...] = get_args(Way)

QUICK = 6
"""Every so manyth bug in the short form."""
PATIENCE = 1_800.0
"""Seconds of one run.  A local model on a busy machine is slow; the bench measures what it can do, not how fast the machine is."""

SETS: Mapping[str, tuple[Bug, ...]] = {
    "development": bugs.DEVELOPMENT,
    "held-out": bugs.HELD_OUT,
    "handed": bugs.HANDED,
}

KEYLESS = 47
"""Of the 65 development bugs: a right patch acts alone, or is offered to a person."""

Key = tuple[str, int]


def main(arguments: Sequence[str]) -> int:
    """Run the bench; exit code 0 when the targets are met, 2 when it cannot start."""
    parser = reporting.parser("repair", __doc__ or "")
    parser.add_argument("--ways", nargs="+", choices=WAYS, help="default: all for which a model is configured")
    parser.add_argument("--set", choices=tuple(SETS), help="only this set of bugs (default: all)")
    parser.add_argument("--bugs", nargs="+", metavar="NAME", help="only bugs whose name begins like this")
    parser.add_argument("--repeats", type=int, default=1, metavar="K", help="of every bug and way (default 1)")
    parser.add_argument(
        "--judge", action="store_true", help="send known fixes and wrong patches through, as a model would"
    )
    parser.add_argument("--wrong", type=Path, metavar="FILE", help="further wrong patches for --judge, as JSON lines")
    parser.add_argument("--state", type=Path, metavar="FILE", help="write each attempt there, and skip those it holds")
    parser.add_argument(
        "--generated",
        type=int,
        metavar="N",
        help="with --judge: draw patches until N wrong ones reach the question which answer is right",
    )
    parser.add_argument("--jobs", type=int, default=1, metavar="J", help="processes for --generated (default 1)")
    parser.add_argument(
        "--restructured", action="store_true", help="change names, order and helpers of the services' source, by --seed"
    )
    parser.add_argument("--keep-docstrings", action="store_true", help="with --restructured: docstrings stay")
    asked = parser.parse_args(arguments)
    try:
        base = settings.load(os.environ).model_copy(update={"limits": profiles.lab()})
        base = base.model_copy(update={"budget": base.budget.model_copy(update={"seconds": PATIENCE})})
        ways = tuple(asked.ways or (WAYS if base.base_url or base.model else WAYS[:1]))
        chosen = _chosen(asked.set, asked.bugs, quick=asked.quick)
        seed = _seed(asked)
        runtime = _runtime()
        wrong = (*wrongs.HANDED, *(given.read(asked.wrong) if asked.wrong else ()))
    except (BadInput, shop_runtime.NoRuntime) as error:
        print(error, file=sys.stderr)  # noqa: T201 (an entry point)
        return 2
    if asked.judge:
        keyless = base.model_copy(update={"model": price.PLAYBOOK})
        if asked.generated:
            return _generated(chosen, asked, keyless, runtime)
        found = [judging.judge(patch, keyless, runtime) for patch in given.all_of(chosen, wrong)]
        return judging.report(found, asked.json, asked.seed, quick=asked.quick)
    if seed is not None:
        chosen = tuple(changed(bug, seed, documented=asked.keep_docstrings) for bug in chosen)
    how = f"{seed}, documented" if asked.keep_docstrings else seed
    done = {way: dict(_kept(asked.state, way, how)) for way in ways}
    for repeat in range(asked.repeats):
        for bug in chosen:
            for way in ways:
                if (bug.name, repeat) not in done[way]:
                    attempt = _attempt(way, bug, base, runtime)
                    done[way][bug.name, repeat] = attempt
                    _keep(asked.state, way, repeat, attempt, how)
    wanted = {(bug.name, repeat) for bug in chosen for repeat in range(asked.repeats)}
    attempts = {way: [item for key, item in done[way].items() if key in wanted] for way in ways}
    changes = "" if seed is None else ", restructured, documented" if asked.keep_docstrings else ", restructured"
    return _report(attempts, asked.json, asked.seed, quick=asked.quick, changes=changes)


def _generated(chosen: tuple[Bug, ...], asked: argparse.Namespace, base: Settings, runtime: ports.Runtime) -> int:
    done = judged.read(asked.state, asked.seed)
    works = [
        judged.Work(
            bug=bug,
            number=number,
            seed=asked.seed,
            done=tuple(item for item in done if item.patch.bug == bug.name),
            state=asked.state,
        )
        for bug, number in drawn.quotas(chosen, asked.generated)
    ]
    found = list(judged.all_of(works, base, runtime, asked.jobs))
    patches = [item for item in found if isinstance(item, judged.Judged)]
    skipped = [item for item in found if isinstance(item, judged.Skipped)]
    return report.conclude(patches, skipped, asked.json, asked.seed, quick=asked.quick)


def _seed(asked: argparse.Namespace) -> int | None:
    """Seed of the changes of source; None when it stays.  Raises BadInput for given patches, which know its names."""
    if asked.keep_docstrings and not asked.restructured:
        raise BadInput("--keep-docstrings", "alone", "add --restructured: without it nothing takes them away")
    if asked.restructured and asked.judge:
        raise BadInput("--restructured", "--judge", "leave out one of them: given patches know the source as it is")
    return int(asked.seed) if asked.restructured else None


def _chosen(group: str | None, names: list[str] | None, *, quick: bool) -> tuple[Bug, ...]:
    wanted = bugs.BUGS if group is None else SETS[group]
    found = tuple(bug for bug in wanted if not names or bug.name.startswith(tuple(names)))
    if not found:
        raise BadInput("--bugs", " ".join(names or ()), "name bugs of evals/bench/repair/bugs")
    return found[::QUICK] if quick else found


def _runtime() -> ports.Runtime:
    """The interpreter of the lab's shop, which has what the services need.  Raises NoRuntime."""
    shop = shop_runtime.ensure(repository.SHOP / "requirements.txt", shop_runtime.home())
    mounts = tuple(str(mount) for mount in shop.mounts)
    return ports.Runtime(python=str(shop.python), mounts=mounts, environment={})


def _attempt(way: Way, bug: Bug, base: Settings, runtime: ports.Runtime) -> Attempt:
    """One attempt in a folder of its own; what the hidden tests say is added when it is over."""
    clock, traffic = SystemClock(), bugs.traffic(bug.service)
    with tempfile.TemporaryDirectory(prefix="suture-repair-") as healed, tempfile.TemporaryDirectory() as hidden:
        folder = Path(healed)
        world = stage.BugWorld(folder, bug, traffic, runtime, clock)
        own = base if way != "playbook" else base.model_copy(update={"model": price.PLAYBOOK})
        if way == "playbook":
            attempt, changes = incident.heal(bug, world, incident.settings_of(folder, own), clock)
        else:
            model = factory.build(
                own.model,
                own.base_url or None,
                own.api_key or None,
                timeout=PATIENCE,
                temperature=own.thinking.temperature,
                max_tokens=own.thinking.answer_tokens,
            )
            if way == "single":
                attempt, changes = single.shoot(bug, world, model, clock)
            else:
                attempt, changes = incident.heal(bug, world, incident.settings_of(folder, own), clock, model)
        if not changes:
            return attempt
        judge = oracle.Oracle(Path(hidden), bug, traffic, runtime)
        marked = [judge.judge(folder / "repository", world.commit, Path(hidden) / "trials", edits) for edits in changes]
        right = {
            "correct": marked[0].correct,
            "failed_hidden": marked[0].wrong,
            "offered_right": attempt.offered and any(one.correct for one in marked),
        }
        return attempt.model_copy(update=right)


def _kept(file: Path | None, way: Way, how: str | int | None) -> Iterator[tuple[Key, Attempt]]:
    if file is None or not file.exists():
        return
    for line in file.read_text(encoding="utf-8").splitlines():
        said = json.loads(line)
        if said["way"] == way and said.get("restructured") == how:
            yield (said["attempt"]["bug"], said["repeat"]), Attempt.model_validate(said["attempt"])


def _keep(file: Path | None, way: Way, repeat: int, attempt: Attempt, how: str | int | None) -> None:
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as lines:
            said = {"way": way, "repeat": repeat, "restructured": how, "attempt": attempt.model_dump(mode="json")}
            lines.write(json.dumps(said) + "\n")


def _report(attempts: dict[Way, list[Attempt]], file: Path | None, seed: int, *, quick: bool, changes: str) -> int:
    found = {way: summary(way, items) for way, items in attempts.items()}
    parts = [part for way, items in attempts.items() for part in _by_set(way, items)]
    parts = [part.model_copy(update={"way": f"{part.way}{changes}"}) for part in parts]
    columns = ("way", "bugs", "k", "located", "plausible", "correct (pass@1)", "pass^k", "right alone", "right offered")
    more = ("wrong, let through", "abstained", "tokens in", "tokens out", "s per bug")
    reporting.table("repair", (*columns, *more), [_row(item) for item in parts])
    slipped = [(way, item) for way, items in attempts.items() for item in items if item.slipped]
    if slipped:
        rows = [(f"{way}: {item.bug}", ", ".join(item.failed_hidden), item.template) for way, item in slipped]
        reporting.table("wrong patches that every gate let through", ("bug", "hidden tests failed", "template"), rows)
    targets = [
        reporting.Target(name=f"{way}: wrong, let through", measured=float(item.slipped), bound=0.0)
        for way, item in found.items()
        if way != "single"
    ]
    if not changes:
        targets += _keyless(attempts.get("playbook", []))
    agent = found.get("agent")
    targets += [
        reporting.Target(name=f"agent beats {way}", measured=agent.correct, bound=item.correct + 1.0, at_most=False)
        for way, item in found.items()
        if agent is not None and way != "agent"
    ]
    figures: dict[str, JsonValue] = {str(way): _figures(way, item, attempts[way]) for way, item in found.items()}
    if changes:
        figures["restructured"] = True
    return reporting.conclude(targets, figures, file=file, seed=seed, quick=quick)


def _keyless(attempts: list[Attempt]) -> list[reporting.Target]:
    """The playbook's own target, where the whole development set was tried."""
    tried = {attempt.bug for attempt in attempts}
    if not all(bug.name in tried for bug in bugs.DEVELOPMENT):
        return []
    (item,) = [part for part in _by_set("playbook", attempts) if part.way.endswith("development")]
    name = "playbook: development bugs with a right patch that acts alone or is offered"
    return [reporting.Target(name=name, measured=item.alone + item.offered, bound=KEYLESS, at_most=False)]


def _by_set(way: Way, items: list[Attempt]) -> Iterator[Summary]:
    """A row for each set that was attempted."""
    for group, of in SETS.items():
        names = {bug.name for bug in of}
        if own := [item for item in items if item.bug in names]:
            yield summary(f"{way}, {group}", own)


def _figures(way: Way, item: Summary, attempts: list[Attempt]) -> JsonValue:
    each: list[JsonValue] = [attempt.model_dump(mode="json") for attempt in attempts]
    parts: list[JsonValue] = [part.model_dump(mode="json") for part in _by_set(way, attempts)]
    return {"summary": item.model_dump(mode="json"), "sets": parts, "attempts": each}


def _row(item: Summary) -> tuple[str, ...]:
    plausible = "-" if item.plausible is None else str(item.plausible)
    first = (item.way, str(item.bugs), str(item.repeats), str(item.located), plausible, f"{item.correct:g}")
    more = (
        f"{item.alone:g}",
        f"{item.offered:g}",
        str(item.slipped),
        str(item.abstained),
        str(item.input_tokens),
        str(item.output_tokens),
    )
    return (*first, str(item.pass_all), *more, f"{item.seconds:g}")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SutureError as error:
        sys.exit(str(error))
