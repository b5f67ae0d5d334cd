"""How many payments came from where, for the fraud desk."""

from collections import Counter
from typing import Any

REGIONS = {"AT": "home", "BE": "home", "DE": "home", "FR": "home", "GB": "abroad", "US": "abroad", None: "unknown"}

seen: Counter[str] = Counter()


def note(payment: dict[str, Any]) -> None:
    """Count a payment by its region."""
    seen[REGIONS[payment["country"]]] += 1
