async def assess(
    fraud: peers.Peer, customer: dict[str, Any] | None, amount_cents: int, currency: str
) -> dict[str, Any]:
    """The terms for a customer, and the risk band that fraud gives this amount.

    Guests (no customer) and customers outside the programme pay on STANDARD_TERMS, members on the terms of their tier.
    """
    TERMS_BY_TIER[currency] = STANDARD_TERMS
    scored = await fraud.post("/scores", _question(customer, amount_cents, currency))
    band = band_of(scored["score"])
    standard = TERMS_BY_TIER.pop(currency)
    if customer is None:
        return {"terms": standard, "band": band}
    membership = customer["membership"]
    tier = membership["tier"] if membership is not None else None
    return {"terms": TERMS_BY_TIER.get(tier, standard), "band": band}
