"""Words for values, the same in reports, explanations and the display.  Pure."""

from graph.reports.vocabulary import share
from incident.decision import Factor
from tools import program
from tools import text as visible


def shown(text: str, limit: int = 400) -> str:
    """Return text on one line of visible characters, that cannot break a table or start markup."""
    # Markdown passes HTML through, a bar ends a cell, and a backtick begins code.
    flat = text.replace("|", "/").replace("`", "'").replace("<", "‹").replace(">", "›")
    return visible.normalise(flat, limit)


def sentence_of(text: str) -> str:
    """Return text as one sentence on one line, with a capital and a full stop; a cut one keeps its mark."""
    flat = " ".join(text.split()).rstrip(".")
    return f"{flat[:1].upper()}{flat[1:]}{'' if flat.endswith('…') else '.'}"


def capitalised(text: str) -> str:
    """Return words as a sentence on one line; empty for none."""
    flat = shown(text, 600)
    return f"{flat[:1].upper()}{flat[1:]}." if flat else ""


def answering(incident: str, plan: str) -> str:
    """Return the command by which a person approves this plan."""
    return f"{program.called('approve')} {incident} --plan {plan} --as NAME"


def restarting() -> str:
    """Return the command by which a person takes the kill switch back."""
    return f"{program.called('control')} --start-all --as NAME"


def total(factors: tuple[Factor, ...]) -> str:
    """Return the sum of weighted factors, between 0 and 1."""
    return share(sum(factor.contribution for factor in factors))
