"""Suspicions as the playbook reads them: what the ranking over all services convicts, suspects and clears."""

from collections.abc import Iterator

from agents.playbook.blaming import blame
from agents.playbook.conversation import Asked, Reading

TOOLS = {"deploy": "blame_deploy", "config": "blame_config"}
"""Blame of each kind of change; another kind can be named by no tool."""

FIRM, CONVICTED = 0.99, 0.85
"""Credit of a convicted suspect: before all else, or, where texts alone convict it, before a place in the code."""


def ranked(reading: Reading) -> Iterator[tuple[float, Asked]]:
    """Yield the convicted suspects that can be blamed, each with its credit."""
    changes = dict(reading.facts("change"))
    own = str(reading.opening.get("dossier", {}).get("service", ""))
    hosts = {host for _, around in reading.facts("neighbours") for host in around.get("external", ())}
    callees = {name for _, around in reading.facts("neighbours") for name in around.get("callees", ())}
    for key, fact in reading.facts("suspicion"):
        if fact.get("standing") != "convicted":
            continue
        name, change = str(fact.get("name", "")), str(fact.get("change", ""))
        credit = FIRM if fact.get("firm") else CONVICTED
        by = ", ".join(fact.get("mechanisms", ())).replace("_", " ")
        text = f"Of all services and changes, the {fact.get('what')} {name} of {fact.get('service')} is convicted, by {by}."
        cited = [key, *([change] if change else [])]
        sure = float(fact.get("confidence", 0)) / 10_000
        if change in changes and (tool := TOOLS.get(str(changes[change].get("what")))):
            yield credit, blame(tool, cited, text, sure, change=change)
        elif name in hosts:
            yield credit, blame("blame_dependency", cited, text, sure, host=name)
        elif fact.get("what") == "service" and name != own and name in callees:
            yield credit, blame("blame_service", cited, text, sure, service=name)


def settled(reading: Reading) -> frozenset[str]:
    """Ids of the changes that the ranking convicts or clears: their time alone says no more."""
    facts = [fact for _, fact in reading.facts("suspicion") if fact.get("standing") != "suspected"]
    return frozenset(str(fact["change"]) for fact in facts if fact.get("change"))
