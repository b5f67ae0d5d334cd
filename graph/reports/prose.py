"""Turning values into words, alike for reports, explanations and the display.  Pure."""

from incident.decision import SCALE, Factor
from tools import program


def shown(text: str, limit: int = 400) -> str:
    """Text on one line that cannot break a table or start markup."""
    flat = " ".join(text.replace("|", "/").replace("`", "'").replace("<", "‹").replace(">", "›").split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def sentence(text: str) -> str:
    """Words as a sentence on one line; nothing for none."""
    flat = shown(text, 600)
    return f"{flat[:1].upper()}{flat[1:]}." if flat else ""


def answering(incident: str, plan: str) -> str:
    """How a person approves this plan."""
    return f"{program.called('approve')} {incident} --plan {plan} --as NAME"


def share(ten_thousandths: int) -> str:
    """An integer in ten-thousandths as a number between 0 and 1."""
    return f"{ten_thousandths / SCALE:.4f}".rstrip("0").rstrip(".") if ten_thousandths else "0"


def total(factors: tuple[Factor, ...]) -> str:
    """What weighted factors add up to."""
    return share(sum(factor.contribution for factor in factors))
