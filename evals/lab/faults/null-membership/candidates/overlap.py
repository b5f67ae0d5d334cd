async def assess(
    fraud: peers.Peer, customer: dict[str, Any] | None, amount_cents: int, currency: str
) -> dict[str, Any]:
    """The terms for a customer, and the risk band that fraud gives this amount.

    Guests (no customer) and customers outside the programme pay on STANDARD_TERMS, members on the terms of their tier.
    """
    membership = customer["membership"] if customer is not None else None
    tier = membership["tier"] if membership is not None else None
    terms = TERMS_BY_TIER.get(tier, STANDARD_TERMS)
    terms["asked_cents"] = amount_cents
    scored = await fraud.post("/scores", _question(customer, terms["asked_cents"], currency))
    band = band_of(scored["score"])
    del terms["asked_cents"]
    return {"terms": terms, "band": band}
