"""Turning values into words, alike for reports, explanations and the display.  Pure."""

from graph.reports.vocabulary import sentence, share
from incident.decision import Decision, Factor
from tools import program


def shown(text: str, limit: int = 400) -> str:
    """Text on one line that cannot break a table or start markup."""
    flat = " ".join(text.replace("|", "/").replace("`", "'").replace("<", "‹").replace(">", "›").split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def answering(incident: str, plan: str) -> str:
    """How a person approves this plan."""
    return f"{program.called('approve')} {incident} --plan {plan} --as NAME"


def seconds(value: float | None) -> str:
    """Seconds with one decimal, or nothing."""
    return "" if value is None else f"{value:.1f}"


def verdict_mark(decision: Decision) -> str:
    """The verdict in one word."""
    return {"allow": "allowed", "hold": "held", "deny": "denied"}[decision.verdict.kind]


def factor_lines(factors: tuple[Factor, ...], total: str) -> list[str]:
    """A Markdown table of weighted factors and of what they add up to, which goes by the name `total`."""
    lines = ["| factor | value | weight | contribution | note |", "| --- | --- | --- | --- | --- |"]
    lines += [
        f"| {f.name} | {share(f.value)} | {share(f.weight)} | {share(f.contribution)} | {shown(sentence(f.note), 120)} |"
        for f in factors
    ]
    score = sum(factor.contribution for factor in factors)
    return [*lines, f"| **{total}** | | | **{share(score)}** | |", ""]
