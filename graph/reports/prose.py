"""Turning values into words, alike for reports, explanations and the display.  Pure."""

from graph.reports.vocabulary import share
from incident.decision import Factor
from tools import program


def shown(text: str, limit: int = 400) -> str:
    """Text on one line that cannot break a table or start markup."""
    flat = " ".join(text.replace("|", "/").replace("`", "'").replace("<", "‹").replace(">", "›").split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def capitalised(text: str) -> str:
    """Words as a sentence on one line; nothing for none."""
    flat = shown(text, 600)
    return f"{flat[:1].upper()}{flat[1:]}." if flat else ""


def answering(incident: str, plan: str) -> str:
    """How a person approves this plan."""
    return f"{program.called('approve')} {incident} --plan {plan} --as NAME"


def total(factors: tuple[Factor, ...]) -> str:
    """What weighted factors add up to."""
    return share(sum(factor.contribution for factor in factors))
