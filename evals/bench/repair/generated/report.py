"""Figures of generated patches: what becomes of the right and of the wrong ones, kind by kind."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import JsonValue

from evals.bench import mutants_drawn, reporting
from evals.bench.repair import judging
from evals.bench.repair.generated.judged import Judged, Skipped
from evals.bench.repair.generated.scene import KINDS
from incident.value import Value

FATES: tuple[judging.Fate, ...] = ("acts", "offered", "refused")


class Figures(Value):
    """The figures.  `wrong` are those that no rule and no other check stops, by what becomes of them."""

    drawn: int
    raising: int
    """The failing request still gets no answer."""
    wrong: dict[str, int]
    stopped: int
    """Wrong ones that a rule or another check stops or holds."""
    right: dict[str, int]
    interval: tuple[float, float] | None
    """Of 95 %, around the share of `wrong` that acts alone; None where there are none."""
    skipped: tuple[Skipped, ...]

    @property
    def reached(self) -> int:
        """Wrong patches that only the question which answer is right can stop."""
        return sum(self.wrong.values())


def figures(found: Sequence[Judged], skipped: Sequence[Skipped]) -> Figures:
    """Count."""
    wrong = Counter(item.proven.fate for item in found if item.right is False and item.proven and item.proven.reached)
    right = Counter(item.proven.fate for item in found if item.right and item.proven)
    reached = wrong.total()
    return Figures(
        drawn=len(found),
        raising=sum(item.right is None for item in found),
        wrong=dict(wrong),
        stopped=sum(item.right is False for item in found) - reached,
        right=dict(right),
        interval=mutants_drawn.interval(wrong["acts"] / reached, reached) if reached else None,
        skipped=tuple(skipped),
    )


def conclude(found: Sequence[Judged], skipped: Sequence[Skipped], file: Path | None, seed: int, *, quick: bool) -> int:
    """Print the tables and write the JSON; exit code 1 when a target is missed."""
    counted = figures(found, skipped)
    columns = ("", "drawn", "still raise", "wrong", "reach the question", "act alone", "a person is asked", "refused")
    more = ("right", "act alone", "a person is asked", "refused")
    reporting.table("generated patches", (*columns, *more), [*_rows(found)])
    # The hidden tests may be too few to tell, so a person reads the right ones, too.
    if acting := [item for item in found if item.proven and item.proven.fate == "acts"]:
        shown = [(*_named(item), "right" if item.right else "WRONG", item.patch.text) for item in acting]
        reporting.table("patches that act alone", ("bug", "change", "by the hidden tests", "function"), shown)
    if lost := [item for item in found if item.right and item.proven and item.proven.fate == "refused"]:
        why = [(*_named(item), _why(item)) for item in lost]
        reporting.table("right patches that are refused", ("bug", "change", "why"), why)
    if skipped:
        reporting.table("not judged", ("bug", "why"), [(item.bug, item.why) for item in skipped])
    each: list[JsonValue] = [item.model_dump(mode="json") for item in found]
    said: dict[str, JsonValue] = {"counted": counted.model_dump(mode="json"), "judged": each}
    return reporting.conclude(_targets(counted), said, file=file, seed=seed, quick=quick)


def _targets(counted: Figures) -> list[reporting.Target]:
    acts, right = counted.wrong.get("acts", 0), sum(counted.right.values())
    low, high = counted.interval or (0.0, 1.0)
    of = f"of {counted.reached}, share with 95 % between {low:.1%} and {high:.1%}"
    refused = counted.right.get("refused", 0) / right if right else None
    return [
        reporting.Target(
            name=f"wrong generated patches that act ({of})",
            measured=float(acts) if counted.reached else None,
            bound=0.0,
        ),
        reporting.Target(
            name=f"right generated patches refused, share of {right}", measured=refused, bound=judging.REFUSED
        ),
        reporting.Target(name="bugs that could not be judged", measured=float(len(counted.skipped)), bound=0.0),
    ]


def _rows(found: Sequence[Judged]) -> Iterator[tuple[str, ...]]:
    for kind in KINDS:
        yield _row(kind, [item for item in found if item.patch.kind == kind])
    yield _row("all", found)


def _row(name: str, found: Sequence[Judged]) -> tuple[str, ...]:
    counted = figures(found, ())
    wrong = [counted.wrong.get(fate, 0) for fate in FATES]
    right = [counted.right.get(fate, 0) for fate in FATES]
    figure = (counted.drawn, counted.raising, counted.stopped + counted.reached, counted.reached, *wrong)
    return (name, *map(str, (*figure, sum(right), *right)))


def _named(item: Judged) -> tuple[str, str]:
    return item.patch.bug, f"{item.patch.kind}: {item.patch.label}"


def _why(item: Judged) -> str:
    return item.proven.why[:300] if item.proven else ""
