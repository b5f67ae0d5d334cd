"""An account as Markdown, and as plain text for a terminal.  Pure."""

import textwrap

from graph.reports import wording
from graph.reports.account import Account, Step, counterfactual_line
from graph.reports.prose import factor_lines, shown
from graph.reports.vocabulary import sentence, share

WIDTH = 100
COUNTERFACTUALS = 3
"""Counterfactuals that are told of one decision; all of them are in the JSON."""


def markdown(told: Account) -> str:
    """The account as Markdown."""
    lines = [f"# Incident {told.incident}", "", told.paragraph, ""]
    if told.left:
        lines += ["**Left to do**", "", *(f"- {shown(item)}" for item in told.left), ""]
    lines += ["## The decisions, in order", ""]
    for number, step in enumerate(told.steps, start=1):
        lines += _markdown(number, step)
    return "\n".join(lines).rstrip() + "\n"


def _markdown(number: int, step: Step) -> list[str]:
    lines = [f"### {number}. {step.question}", "", f"*{_when(step)}* · **{step.answer}.** {_sentence(step)}", ""]
    if step.seen:
        lines += [f"What the last look saw: {shown(step.seen)}.", ""]
    if step.factors and step.policy != "reach_gate.judge":
        lines += factor_lines(step.factors, step.total)
    if step.against and not _said(step):
        lines += ["Against it:", "", *(f"- {item}" for item in step.against), ""]
    if step.held:
        lines += [f"For it: {'; '.join(step.held)}.", ""]
    if step.alternatives:
        lines += ["| not done | why not | for | against |", "| --- | --- | --- | --- |"]
        lines += [
            f"| {wording.plain(item.name)} | {shown(sentence(item.why_not))} | {'; '.join(map(sentence, item.pros))} | {'; '.join(map(sentence, item.cons))} |"
            for item in step.alternatives
        ]
        lines.append("")
    if step.counterfactuals:
        lines += ["What would have flipped it:", ""]
        lines += [
            f"- {shown(counterfactual_line(step.policy, counterfactual))}"
            for counterfactual in step.counterfactuals[:COUNTERFACTUALS]
        ]
        lines.append("")
    return lines


def text(told: Account) -> str:
    """The account for a terminal: wrapped, without tables that break."""
    lines = [f"Incident {told.incident}", "", *_wrapped(told.paragraph), ""]
    for item in told.left:
        lines += [*_wrapped(item, "Left to do: ", hang=12), ""]
    for number, step in enumerate(told.steps, start=1):
        lines += _text(number, step)
    return "\n".join(lines).rstrip() + "\n"


def _text(number: int, step: Step) -> list[str]:
    lines = [f"{number:>3}. {step.question}"]
    lines += _wrapped(f"{_when(step)}  {step.answer}. {_sentence(step)}", "     ")
    if step.seen:
        lines += _wrapped(f"saw      {step.seen}", "     ", hang=9)
    if step.policy in ("risk.assess", "evidence_gate.judge"):
        lines += [
            f"       {share(factor.contribution):>7}  {wording.plain(factor.name):<16} {shown(sentence(factor.note), 64)}"
            for factor in step.factors
        ]
        lines.append(f"       {share(sum(f.contribution for f in step.factors)):>7}  = {step.total}")
    if step.against and not _said(step):
        lines += _listed("against", step.against)
    if step.held:
        lines += _wrapped(f"for      {'; '.join(step.held)}", "     ", hang=9)
    lines += _listed(
        "not", tuple(f"{wording.plain(item.name)}: {shown(sentence(item.why_not))}" for item in step.alternatives)
    )
    lines += _listed(
        "counterfactuals",
        tuple(
            shown(counterfactual_line(step.policy, counterfactual))
            for counterfactual in step.counterfactuals[:COUNTERFACTUALS]
        ),
    )
    return [*lines, ""]


def _listed(label: str, items: tuple[str, ...]) -> list[str]:
    lines: list[str] = []
    for index, item in enumerate(items):
        lines += _wrapped(f"{label if not index else '':<9}{item}", "     ", hang=9)
    return lines


def _wrapped(words: str, indent: str = "", hang: int = 0) -> list[str]:
    """Wrap, keeping the columns of what stands in front; nothing is ever cut within a word."""
    return textwrap.wrap(
        words,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=(indent if indent.isspace() else "") + " " * hang,
        break_long_words=False,
        break_on_hyphens=False,
        replace_whitespace=False,
    )


def _when(step: Step) -> str:
    if step.times == 1:
        return f"{step.at:%H:%M:%S}"
    return f"{step.first_at:%H:%M:%S} to {step.at:%H:%M:%S}, {step.times} times"


def _sentence(step: Step) -> str:
    why = shown(step.why, 600)
    return f"{why[:1].upper()}{why[1:]}." if why else ""


def _said(step: Step) -> bool:
    """Whether the reason already is what spoke against it."""
    return step.why == "; ".join(step.against)
