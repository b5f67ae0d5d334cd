"""Words for values, the same in reports, explanations and the display.  Pure."""

from graph.reports.vocabulary import share
from incident.decision import Factor
from tools import program


def shown(text: str, limit: int = 400) -> str:
    """Return text on one line that cannot break a table or start markup."""
    flat = " ".join(text.replace("|", "/").replace("`", "'").replace("<", "‹").replace(">", "›").split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


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


def total(factors: tuple[Factor, ...]) -> str:
    """Return the sum of weighted factors, between 0 and 1."""
    return share(sum(factor.contribution for factor in factors))
