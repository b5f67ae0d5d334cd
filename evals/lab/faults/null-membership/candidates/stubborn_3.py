async def assess(
    fraud: peers.Peer, customer: dict[str, Any] | None, amount_cents: int, currency: str
) -> dict[str, Any]:
    """The terms for a customer, and the risk band that fraud gives this amount."""
    scored = await fraud.post("/scores", _question(customer, amount_cents, currency))
    band = band_of(scored["score"])
    if customer is None:
        return {"terms": STANDARD_TERMS, "band": band}
    membership = customer["membership"] or {"tier": "silver"}
    return {"terms": TERMS_BY_TIER[membership["tier"]], "band": band}
