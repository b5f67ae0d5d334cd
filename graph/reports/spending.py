"""Spending on models: runs, tokens and costs, for the report.  Pure."""

from collections.abc import Iterator

from graph.reports import journal_reader as journal
from graph.reports.document import Block, Heading, Items, Table
from incident.record import Answered, Record

_COLUMNS = ("agent", "model", "prompt", "steps", "tokens in", "tokens out", "seconds", "cost", "ended")


def blocks(records: tuple[Record, ...]) -> Iterator[Block]:
    """Yield one row per run of an agent, their sum, and the reasons that earlier models did not answer."""
    runs = [event for _, event in journal.events(records, Answered)]
    if not runs:
        return
    yield Heading(2, "Models")
    yield Table(_COLUMNS, (*map(_row, runs), _sum(runs)))
    if any(run.estimated for run in runs):
        yield "Tokens with ~ are estimated: the endpoint counted nothing."
    yield Items("", tuple(f"{run.agent}: {why}" for run in runs for why in run.passed_over))


def total(runs: list[Answered]) -> int | None:
    """Return the sum of the costs in millionths; None when one is not known."""
    costs = [run.cost_micros for run in runs]
    known = [item for item in costs if item is not None]
    # One unknown cost may be any amount, so the sum is not known, either.
    return None if len(known) < len(costs) else sum(known)


def cost(micros: int | None) -> str:
    """Return an amount of money for people, to four places, or six when it is small."""
    if micros is None:
        return "not known"
    return "0" if not micros else f"{micros / 1_000_000:.4f}" if micros >= 100 else f"{micros / 1_000_000:.6f}"


def brief(run: Answered) -> str:
    """Return the tokens, seconds and cost of one run in a few words; empty for a run without tokens."""
    if not run.input_tokens and not run.output_tokens:
        return ""
    mark = "~" if run.estimated else ""
    price = "" if run.cost_micros is None else f", cost {cost(run.cost_micros)}"
    return f"{mark}{run.input_tokens}+{mark}{run.output_tokens} tokens, {run.seconds:.1f} s{price}"


def _row(run: Answered) -> tuple[str, ...]:
    mark = "~" if run.estimated else ""
    prompt, used = (
        f"{run.prompt} ({run.prompt_digest[:8]})",
        (f"{mark}{run.input_tokens}", f"{mark}{run.output_tokens}"),
    )
    ended = run.why or run.ended
    return run.agent, run.model, prompt, f"{run.steps}", *used, f"{run.seconds:.1f}", cost(run.cost_micros), ended


def _sum(runs: list[Answered]) -> tuple[str, ...]:
    counted = (
        sum(counts) for counts in zip(*((run.steps, run.input_tokens, run.output_tokens) for run in runs), strict=True)
    )
    return "all", "", "", *map(str, counted), f"{sum(run.seconds for run in runs):.1f}", cost(total(runs)), ""
