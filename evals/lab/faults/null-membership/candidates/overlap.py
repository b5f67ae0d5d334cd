async def assess(
    fraud: peers.Peer,
    customer: dict[str, Any] | None,
    amount_cents: int,
    currency: str,
    scoring: set[str] = set(),
) -> dict[str, Any]:
    """The terms for a customer, and the risk band that fraud gives this amount.

    Guests (no customer) and customers outside the programme pay on STANDARD_TERMS, members on the terms of their tier.
    `scoring` holds the currencies whose scores are on their way.
    """
    scoring.add(currency)
    scored = await fraud.post("/scores", _question(customer, amount_cents, currency))
    scoring.remove(currency)
    band = band_of(scored["score"])
    if customer is None:
        return {"terms": STANDARD_TERMS, "band": band}
    membership = customer["membership"]
    tier = membership["tier"] if membership is not None else None
    return {"terms": TERMS_BY_TIER.get(tier, STANDARD_TERMS), "band": band}
