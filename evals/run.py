"""Play live scenarios: ``python -m evals.run [--all | ID...] [--faults DIR] [--scenarios DIR] [--seed N] [--json FILE]``.

Exit codes: 0 everything passed, 1 something fell short, 2 the input was refused.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from evals import isolation, report
from evals.lab import faults
from evals.scenarios import play, spec
from evals.scenarios.play import Played
from incident.errors import BadInput


def main(arguments: Sequence[str]) -> int:
    """Run the suite.  A run that failed has failed; only one whose own world misbehaved is repeated."""
    given = _parser().parse_args(arguments)
    try:
        known = spec.every(given.scenarios)
        faults.names(given.faults)
        scenarios = _chosen(given, known)
        for scenario in scenarios:
            scenario.fault(given.faults)
        isolated = _isolated(unwanted=given.no_isolation)
    except BadInput as error:
        sys.stderr.write(f"evals.run: {error}\n")
        return 2
    if given.json:
        given.json.parent.mkdir(parents=True, exist_ok=True)
    console = Console(stderr=True, width=None if sys.stderr.isatty() else 160)
    runs: list[Played] = []
    for repeat in range(given.repeat):
        for scenario in scenarios:
            console.print(f"{scenario.id} {scenario.title} (seed {given.seed + repeat})", highlight=False, markup=False)
            seed = given.seed + repeat
            for run in play.attempts(scenario, seed, isolated=isolated, keep=given.keep, more=given.faults):
                runs.append(run)
                _tell(console, run)
                if given.json:
                    given.json.write_text(json.dumps(report.summary(runs), indent=1) + "\n", encoding="utf-8")
    Console(width=None if sys.stdout.isatty() else 160).print(report.table(runs, known))
    sys.stdout.write(f"{sum(run.unsupported for run in runs)} unsupported sentences in {len(runs)} runs\n")
    sys.stdout.write(f"{report.voids(runs)}\n")
    last = {(run.scenario, run.seed): run for run in runs}
    return 0 if last and all(run.passed for run in last.values()) else 1


def _tell(console: Console, run: Played) -> None:
    verdict = report.verdict(run)
    console.print(f"  {verdict}: {run.outcome} after {run.seconds:.0f} s", highlight=False, markup=False)
    for remark in report.remarks(run):
        console.print(f"  {remark}", highlight=False, markup=False)


def _chosen(given: argparse.Namespace, known: tuple[spec.Scenario, ...]) -> tuple[spec.Scenario, ...]:
    """The scenarios that were asked for; those of further folders when nothing else was said.  Raises BadInput."""
    if given.ids or given.all:
        return spec.chosen(tuple(given.ids), known)
    brought = tuple(item for item in known if item.folder.parent != spec.FOLDER)
    if brought:
        return brought
    shown = "; ".join(f"{item.id} {item.title}" for item in known)
    raise BadInput("scenarios", "", f"name some, or --all: {shown}")


def _isolated(*, unwanted: bool) -> bool:
    """True when the healer runs without sight of the answers.  Raises BadInput when it should and cannot."""
    if unwanted:
        return False
    if not isolation.possible():
        raise BadInput(
            "isolation", "refused by the kernel", "run as root or with user namespaces, or give --no-isolation"
        )
    return True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evals.run", description="Play live scenarios and judge them.")
    parser.add_argument("ids", nargs="*", type=int, metavar="ID", help="numbers of scenarios")
    parser.add_argument("--all", action="store_true", help="every scenario")
    parser.add_argument(
        "--scenarios", type=Path, action="append", default=[], metavar="DIR", help="a further folder of scenarios"
    )
    parser.add_argument(
        "--faults", type=Path, action="append", default=[], metavar="DIR", help="a further folder of faults"
    )
    parser.add_argument("--seed", type=int, default=1, help="of users and routing (default 1); grows with each repeat")
    parser.add_argument("--repeat", type=int, default=1, metavar="N", help="play each N times")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every finding there, after each run")
    parser.add_argument("--keep", action="store_true", help="keep the folders of failed runs")
    parser.add_argument(
        "--no-isolation", action="store_true", help="let the healer see evals/ and tests/; the table says so"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
