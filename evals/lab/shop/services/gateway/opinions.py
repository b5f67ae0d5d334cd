"""The rating beside a product."""

import logging
from typing import Any

from shopkit import errors, peers

log = logging.getLogger("gateway.opinions")


async def of(ratings: peers.Peer, sku: str) -> dict[str, Any] | None:
    """What customers think of a product; None when ratings cannot say.  A product is shown all the same."""
    try:
        found = await ratings.get(f"/ratings/{sku}")
    except (errors.UpstreamFailed, errors.UpstreamRefused) as error:
        log.warning("no rating of %s: %s", sku, error)
        return None
    return {"stars": found["stars"], "reviews": found["reviews"]}
