"""Who pays, and on which terms."""

from typing import Any

from services.payment.terms import STANDARD_TERMS, TERMS_BY_TIER
from shopkit import peers

BANDS = ((90, "blocked"), (70, "high"), (40, "medium"), (0, "low"))
"""Lowest fraud score of each band, highest first."""


async def assess(
    fraud: peers.Peer, customer: dict[str, Any] | None, amount_cents: int, currency: str
) -> dict[str, Any]:
    """The terms for a customer, and the risk band that fraud gives this amount.

    Guests (no customer) pay on STANDARD_TERMS, members on the terms of their tier.
    """
    scored = await fraud.post("/scores", _question(customer, amount_cents, currency))
    band = band_of(scored["score"])
    if customer is None:
        return {"terms": STANDARD_TERMS, "band": band}
    tier = customer["membership"]["tier"]
    return {"terms": TERMS_BY_TIER.get(tier, STANDARD_TERMS), "band": band}


def band_of(score: int) -> str:
    """The risk band of a fraud score (0..100)."""
    return next(band for lowest, band in BANDS if score >= lowest)


def _question(customer: dict[str, Any] | None, amount_cents: int, currency: str) -> dict[str, Any]:
    return {
        "customer_id": customer["id"] if customer else None,
        "country": customer["country"] if customer else None,
        "amount_cents": amount_cents,
        "currency": currency,
    }
