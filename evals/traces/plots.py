"""Figures of one incident, from the frames of `evals.traces.frames`.  Each returns a figure of its own."""

import io

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

COLOURS = {"allow": "#2a9d8f", "hold": "#e9a23b", "deny": "#d1495b"}
GREY = "#8d99ae"
NAMES = {"evidence_gate.judge": "confidence", "risk.assess": "risk"}


class Picture(Figure):
    """A figure that a notebook shows by itself, whatever its backend."""

    def _repr_png_(self) -> bytes:
        target = io.BytesIO()
        self.savefig(target, format="png", dpi=110)
        return target.getvalue()


def timeline(decisions: pd.DataFrame, phases: pd.DataFrame) -> Picture:
    """The states as bars, and every decision as a dot in the colour of its verdict, one line per policy."""
    policies = list(dict.fromkeys(decisions["policy"]))
    figure, axes = _figure("When was what decided?", height=1.6 + 0.3 * (len(policies) + 1))
    for phase, start, seconds in zip(phases["phase"], phases["start"], phases["seconds"], strict=True):
        axes.barh(-1, seconds, left=start, color=GREY, alpha=0.35, edgecolor="white")
        if seconds > 0.04 * phases["end"].max():
            axes.text(start, -1, f" {phase}", va="center", fontsize=7)
    for verdict, group in decisions.groupby("verdict"):
        lines = [policies.index(policy) for policy in group["policy"]]
        axes.scatter(group["seconds"], lines, color=COLOURS[str(verdict)], label=str(verdict), s=18, zorder=3)
    axes.set_yticks([-1, *range(len(policies))], ["state", *policies], fontsize=7)
    axes.invert_yaxis()
    axes.set_xlabel("seconds since the alert came in")
    if policies:
        axes.legend(loc="lower left", fontsize=7)
    return figure


def waterfall(factors: pd.DataFrame, policy: str) -> Picture:
    """Waterfall of the factors' contributions, which add up to the score, from the top down."""
    chosen = factors[factors["policy"] == policy]
    name = NAMES.get(policy, policy)
    figure, axes = _figure(f"What makes up the {name}?", height=1.4 + 0.28 * (len(chosen) + 1))
    reached = 0.0
    columns = (chosen["contribution"], chosen["weight"], chosen["note"])
    for line, (contribution, weight, note) in enumerate(zip(*columns, strict=True)):
        axes.barh(line, weight, left=reached, color=GREY, alpha=0.18)
        axes.barh(line, contribution, left=reached, color="#3d5a80")
        axes.text(reached + weight, line, f" {contribution:.4f}  {note}"[:72], va="center", fontsize=6.5)
        reached += contribution
    axes.barh(len(chosen), reached, color="#293241")
    axes.text(reached, len(chosen), f" {reached:.4f}", va="center", fontsize=7, weight="bold")
    axes.set_yticks(range(len(chosen) + 1), [*chosen["factor"], name], fontsize=7)
    axes.set_xlim(0, 1)
    axes.invert_yaxis()
    axes.set_xlabel("dark: contribution; light: what the factor could have contributed")
    return figure


def canary_evidence(evidence: pd.DataFrame) -> Picture:
    """The e-values of all questions over time: above to be rolled back, below to be promoted, with their bars."""
    figure = Picture(figsize=(9, 5), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True)
    for axes, side, title in (
        (upper, "alarm", "Roll back when one reaches its bar"),
        (lower, "promotion", "Promote when all reach their bar"),
    ):
        chosen = evidence[evidence["side"] == side]
        for question, group in chosen.groupby("question"):
            axes.plot(group["seconds"], group["e_value"], marker=".", label=str(question))
        if len(chosen):
            axes.axhline(float(chosen["bar"].iloc[-1]), color="#293241", linestyle="--", linewidth=1)
            axes.legend(fontsize=7)
            axes.set_yscale("log")
        _stages(axes, chosen)
        axes.set_ylabel("e-value")
        axes.set_title(title, fontsize=9, loc="left")
    lower.set_xlabel("seconds since the alert came in")
    return figure


def _stages(axes: Axes, evidence: pd.DataFrame) -> None:
    """A line where the canary's share of the traffic changes."""
    changed = evidence.drop_duplicates("weight")
    for at, weight in zip(changed["seconds"], changed["weight"], strict=True):
        axes.axvline(at, color=GREY, linewidth=0.6)
        axes.text(at, 1.0, f" {weight} %", transform=axes.get_xaxis_transform(), fontsize=7, va="top")


def verification(readings: pd.DataFrame) -> Picture:
    """The alert's own value after full traffic, against its threshold."""
    figure, axes = _figure("Is the alert's own condition back inside its threshold?", height=2.6)
    axes.plot(readings["seconds"], readings["value"], marker=".", color="#3d5a80")
    threshold = readings["threshold"].dropna()
    if len(threshold):
        axes.axhline(float(threshold.iloc[-1]), color="#d1495b", linestyle="--", linewidth=1, label="threshold")
        axes.legend(fontsize=7)
    axes.set_xlabel("seconds since the alert came in")
    axes.set_ylabel("value")
    return figure


def _figure(title: str, height: float) -> tuple[Picture, Axes]:
    figure = Picture(figsize=(9, height), layout="constrained")
    axes = figure.subplots()
    axes.set_title(title, fontsize=10, loc="left")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure, axes
