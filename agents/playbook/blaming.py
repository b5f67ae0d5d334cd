"""Calls of the tools that end an investigation, as the playbook makes them."""

from pydantic import JsonValue

from agents.playbook.conversation import Asked

CITED = 12
"""Most pieces of evidence that one blame cites."""


def blame(tool: str, evidence: list[str], text: str, confidence: float, **own: JsonValue) -> Asked:
    """A call of one of these tools; each piece of evidence is cited once."""
    cited: list[JsonValue] = []
    cited += dict.fromkeys(evidence[:CITED])
    return Asked(tool, {**own, "evidence": cited, "explanation": text[:1_500], "confidence": confidence})
