"""Tickets beside each other."""

POINTS = {"low": 1, "normal": 3, "urgent": 8}
UNITS = {"d": 8 * 60, "h": 60, "m": 1}
"""Minutes; a day is a working day."""


def points(ticket):
    """For sorting; a subtask weighs no less than its parent while that is open."""
    own = POINTS[ticket["priority"]]
    parent = ticket.get("parent")
    if parent is not None and parent["status"] == "open":
        return max(own, POINTS[parent["priority"]])
    return own


def minutes(estimate: str) -> int:
    """Minutes of an estimate like ``2d 4h`` or ``1.5h 10m``."""
    return round(sum(float(part[:-1].replace(",", ".")) * UNITS[part[-1]] for part in estimate.split()))


def watchers(ticket):
    """Everyone who is told of a change, sorted."""
    found = {ticket["reporter"]}
    if ticket.get("assignee"):
        found.add(ticket["assignee"])
    for comment in ticket.get("comments", []):
        found.update(comment["mentions"])
    return sorted(found)


def collect(key, links, found):
    """Add to `found` what a ticket waits for, directly or through others."""
    for other in links.get(key, []):
        if other not in found:
            found.add(other)
            collect(other, links, found)


def blockers(key, tickets):
    """What has to be closed before a ticket."""
    links = {ticket["key"]: ticket.get("blocked_by", []) for ticket in tickets}
    found = set()
    collect(key, links, found)
    return sorted(found - {key})
