"""Who works."""

from typing import Any

PEOPLE: dict[str, dict[str, Any]] = {
    "ada": {"team": "red", "skills": ["till", "stock"], "lead": None},
    "ben": {"team": "red", "skills": ["till"], "lead": "ada"},
    "cem": {"team": "blue", "skills": ["stock"], "lead": None},
}
NOBODY = "nobody"
"""Stands for a person where none fits."""
NO_TEAM = "none"
"""For people who are not in PEOPLE, such as agency staff."""


def team(name: str) -> str:
    """A person's team; NO_TEAM for somebody we do not know."""
    return PEOPLE.get(name, {}).get("team", NO_TEAM)


def first_with(skill: str, present: list[str]) -> str:
    """The first of those present who has a skill; NOBODY when none has it."""
    return next((name for name in present if skill in PEOPLE[name]["skills"]), NOBODY)


def hours(shifts: list[dict[str, Any]]) -> dict[str, int]:
    """Hours of each person over all shifts; our own people are always listed, agency staff when they worked."""
    found = dict.fromkeys(PEOPLE, 0)
    for shift in shifts:
        found[shift["person"]] = found.get(shift["person"], 0) + shift["hours"]
    return found


def lead_of(name: str) -> str:
    """Who leads a person's team: the person named as lead, or the person alone."""
    lead = PEOPLE[name]["lead"]
    return name if lead is None else lead


def rotation(people: list[str], week: int) -> list[str]:
    """The people, moved by one place each week; nobody to move is fine, too."""
    if not people:
        return []
    shift = week % len(people)
    return people[shift:] + people[:shift]


def handover(queue: list[str], leaving: str) -> str:
    """Who takes over: the next in the queue other than the one who leaves; NOBODY when there is no one else."""
    waiting = [name for name in queue if name != leaving]
    if not waiting:
        return NOBODY
    return waiting.pop(0)
