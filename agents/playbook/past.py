"""The past as the playbook reads it: which kinds of blame led to a remedy that was taken back at this very place."""

from typing import Any

from agents.playbook.conversation import Asked, Reading

BLAME = {
    "roll_back": "blame_deploy",
    "revert_config": "blame_config",
    "patch": "blame_code",
    "restart": "blame_hang",
}
"""Blame that each remedy follows from."""

BEHIND = 0.6
"""Credit that a blame loses whose remedy failed here before: a change behind the place where the error is raised."""


def failed(reading: Reading) -> frozenset[str]:
    """Tools of blame whose remedy failed at this place before, and has not healed it since."""
    verdicts: dict[str, bool] = {}
    for _, past in sorted(reading.facts("past"), key=_ended):
        if past.get("similarity") != "same_place":
            continue
        tried = past.get("memory", {}).get("tried", [])
        wrong = past.get("word", {}).get("verdict") == "wrong"
        for index, one in enumerate(tried):
            blame = BLAME.get(one.get("kind"))
            taken_back = one.get("result") == "taken_back" or (wrong and index == len(tried) - 1)
            if blame is not None and (taken_back or one.get("result") == "healed"):
                verdicts[blame] = taken_back
    return frozenset(blame for blame, bad in verdicts.items() if bad)


def healed(reading: Reading) -> bool:
    """True when something healed the error at this very place before, and nobody called it wrong."""
    return any(
        past.get("similarity") == "same_place" and past.get("word", {}).get("verdict") != "wrong"
        for _, past in reading.facts("past")
        for one in past.get("memory", {}).get("tried", [])[-1:]
        if one.get("result") == "healed"
    )


def weighed(credit: float, asked: Asked, behind: frozenset[str]) -> float:
    """The credit of a blame with what the past says of it."""
    return credit - BEHIND if asked.name in behind else credit


def _ended(item: tuple[str, dict[str, Any]]) -> str:
    return str(item[1].get("memory", {}).get("ended_at", ""))
