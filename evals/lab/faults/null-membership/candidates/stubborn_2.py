async def assess(
    fraud: peers.Peer, customer: dict[str, Any] | None, amount_cents: int, currency: str
) -> dict[str, Any]:
    """The terms for a customer, and the risk band that fraud gives this amount."""
    if customer is None or customer["membership"] is None:
        return {"terms": STANDARD_TERMS, "band": "low"}
    scored = await fraud.post("/scores", _question(customer, amount_cents, currency))
    tier = customer["membership"]["tier"]
    return {"terms": TERMS_BY_TIER.get(tier, STANDARD_TERMS), "band": band_of(scored["score"])}
