"""Traits that set failing requests apart from healthy ones."""

from policies import limits

DEFAULT = limits.Traits()

Captured = tuple[tuple[str, ...], ...]
"""Traits of each capture, as `incident.capture.traits` lists them."""


def distinguish(failing: Captured, healthy: Captured, bounds: limits.Traits = DEFAULT) -> tuple[str, ...]:
    """Return the fewest traits that nearly all failing captures share and nearly no healthy one does.

    Traits are added one by one, each time the one that leaves the fewest healthy captures; equal ones
    are told apart by what usually breaks code (null and empty values first), then by length and name.
    Empty when nothing tells them apart, or when there is too little to compare.
    """
    if len(failing) < bounds.min_failing or len(healthy) < bounds.min_healthy:
        return ()
    sick = tuple(frozenset(capture) for capture in failing)
    left = tuple(frozenset(capture) for capture in healthy)
    chosen: tuple[str, ...] = ()
    while len(left) > bounds.in_healthy * len(healthy):
        best = _best(sick, left, chosen, bounds)
        fewer = tuple(capture for capture in left if best in capture) if best else left
        # No trait narrows it any further: what is shared by healthy requests is no cause.
        if best is None or len(fewer) == len(left):
            return ()
        chosen, left = (*chosen, best), fewer
    return tuple(sorted(chosen))


def _best(
    sick: tuple[frozenset[str], ...], left: tuple[frozenset[str], ...], chosen: tuple[str, ...], bounds: limits.Traits
) -> str | None:
    least = bounds.in_failing * len(sick)
    together = tuple(capture for capture in sick if all(trait in capture for trait in chosen))
    counts = {trait: sum(trait in capture for capture in together) for trait in frozenset().union(*sick)}
    shared = [trait for trait, count in counts.items() if count >= least and trait not in chosen]
    return min(
        shared,
        key=lambda trait: (
            sum(trait in capture for capture in left),
            -counts[trait],
            not _fragile(trait),
            len(trait),
            trait,
        ),
        default=None,
    )


def _fragile(trait: str) -> bool:
    return trait.endswith((":null", ":empty-list", ":empty-string", ":empty-object"))


def matches(traits: tuple[str, ...], capture_traits: tuple[str, ...]) -> bool:
    """True when a capture is of the failing kind; no traits match nothing."""
    # An empty selector must not select every request.
    return bool(traits) and set(traits) <= set(capture_traits)
