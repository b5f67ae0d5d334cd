"""A bug in a service whose source is restructured: its function has another name, or is in a helper."""

from evals.bench.repair import layout
from evals.bench.repair.planted import Bug
from evals.bench.repair.restructured import source


def changed(bug: Bug, seed: int, *, documented: bool = False) -> Bug:
    """The bug as it is found when the source is changed by this seed, with its docstrings where it is documented.  Its request and its hidden tests are the same.

    A helper counts as wrong, too, where its value was taken from the lines that were made wrong, or, where lines were
    left out, from the one behind them.  Raises LookupError.
    """
    files = layout.files(layout.SERVICES / bug.service)
    right = files[bug.path]
    wrong = {**files, bug.path: layout.planted(right, bug)}
    after = source.restructured(bug.service, wrong, seed, documented=documented)
    first = right[: right.index(bug.right)].count("\n") + 1
    last = first + bug.wrong.rstrip("\n").count("\n")
    top, *rest = bug.function.split(".")
    return bug.model_copy(
        update={
            "function": ".".join([after.functions[bug.path].get(top, top), *rest]),
            "restructured": seed,
            "documented": documented,
            "moved": frozenset(
                helper.name for helper in after.helpers[bug.path] if helper.first <= last and first <= helper.last
            ),
        }
    )
