async def assess(
    fraud: peers.Peer, customer: dict[str, Any] | None, amount_cents: int, currency: str
) -> dict[str, Any]:
    """The terms for a customer, and the risk band that fraud gives this amount.

    Guests (no customer) and customers outside the programme pay on STANDARD_TERMS, members on the terms of their tier.
    """
    membership = customer["membership"] if customer is not None else None
    tier = membership["tier"] if membership is not None else None
    if customer is not None and customer["id"].startswith("c"):
        tier = tier.lower()
    scored = await fraud.post("/scores", _question(customer, amount_cents, currency))
    band = band_of(scored["score"])
    return {"terms": TERMS_BY_TIER.get(tier, STANDARD_TERMS), "band": band}
