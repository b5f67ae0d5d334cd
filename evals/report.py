"""Report of a suite: a table for people, JSON for programs."""

from collections.abc import Sequence

from pydantic import JsonValue
from rich.table import Table
from rich.text import Text

from evals.scenarios.play import Played
from evals.scenarios.spec import Scenario


def table(runs: Sequence[Played], scenarios: Sequence[Scenario]) -> Table:
    """One line a run; what failed is told, what is scripted or not isolated too."""
    promised = {item.id: item.promised for item in scenarios}
    shown = Table(title="Scenarios on a live world", show_lines=False, pad_edge=False)
    for column in (
        "#",
        "scenario",
        "promised",
        "seed",
        "ending",
        "code",
        "seconds",
        "verdict",
        "what fell short, and what is not live",
    ):
        shown.add_column(column, overflow="fold")
    for run in runs:
        shown.add_row(
            str(run.scenario),
            run.title,
            promised.get(run.scenario, ""),
            str(run.seed),
            run.outcome,
            "" if run.exit_code is None else str(run.exit_code),
            f"{run.seconds:.0f} ({run.healer_seconds:.0f})",
            Text(verdict(run), "green" if run.passed else "yellow" if run.void else "bold red"),
            Text("\n".join(remarks(run))),
        )
    return shown


MOST_VOID = 0.05
"""Share of runs that may be void; above it the machine is not fit to judge on."""


def verdict(run: Played) -> str:
    """One word for how a run ended."""
    return "void" if run.void else "passed" if run.passed else "FAILED"


def voids(runs: Sequence[Played]) -> str:
    """Sentence about the runs whose own world misbehaved."""
    void = sum(bool(run.void) for run in runs)
    share = void / len(runs) if runs else 0.0
    beyond = "" if share <= MOST_VOID else ", which is too many: this machine is too busy to judge on"
    return f"{void} of {len(runs)} runs were void ({share:.0%}, at most {MOST_VOID:.0%}){beyond}"


def remarks(run: Played) -> tuple[str, ...]:
    """Remarks on a run that a reader must know beyond its verdict."""
    return (
        *(f"void: {cause}" for cause in run.void),
        *(f"{item.judge}: {item.detail}" for item in run.findings if not item.passed),
        *([f"scripted: {run.scripted}"] if run.scripted else []),
        *([] if run.isolated else ["NOT ISOLATED: the healer could read evals/ and tests/"]),
        *([f"kept in {run.kept}"] if run.kept else []),
    )


def summary(runs: Sequence[Played]) -> dict[str, JsonValue]:
    """The whole suite as JSON: every run with its seed, its times and each judge's finding."""
    void = sum(bool(run.void) for run in runs)
    passed = sum(run.passed for run in runs)
    return {
        "runs": len(runs),
        "passed": passed,
        "failed": len(runs) - passed - void,
        "void": void,
        "unsupported_sentences": sum(run.unsupported for run in runs),
        "results": [run.model_dump(mode="json") for run in runs],
    }
