"""The rooms of the house."""

ROOMS = {
    "single": {"beds": 1, "cents": 7900},
    "double": {"beds": 2, "cents": 11900},
    "family": {"beds": 4, "cents": 16900},
}
WAITING_LIST = "waiting-list"
"""Stands for a room when no room has enough beds."""


def cheapest(guests: int) -> str:
    """The cheapest room with enough beds; WAITING_LIST when no room has."""
    fitting = [name for name, room in ROOMS.items() if room["beds"] >= guests]
    return min(fitting, key=lambda name: ROOMS[name]["cents"], default=WAITING_LIST)


def night_cents(room: str) -> int:
    """What a night costs; nothing on the waiting list."""
    return 0 if room == WAITING_LIST else ROOMS[room]["cents"]
