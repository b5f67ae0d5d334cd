"""Levels and values."""

from typing import Any

from services.inventory.picking import pieces


def moved(level: int, move: dict[str, Any]) -> int:
    """The level after a move."""
    quantity = pieces(move["quantity"])
    match move["kind"]:
        case "in" | "return":
            return level + quantity
        case "out" | "scrap":
            return level - quantity
        case "count":
            return quantity
        case kind:
            raise ValueError(f"unknown move: {kind}")


def level(opening: int, moves: list[dict[str, Any]]) -> int:
    found = opening
    for move in moves:
        found = moved(found, move)
    return found


def average_cents(receipts: list[dict[str, Any]], last_cents: int) -> int:
    """What a piece cost on average, weighted by quantity."""
    quantity = sum(receipt["quantity"] for receipt in receipts)
    if quantity == 0:
        return last_cents
    return sum(receipt["quantity"] * receipt["cents"] for receipt in receipts) // quantity
