"""The rating beside a product."""

import logging
from typing import Any

from shopkit import errors, peers

log = logging.getLogger("gateway.ratings")


async def of(reviews: peers.Peer, sku: str) -> dict[str, Any] | None:
    """What customers think of a product; None when reviews cannot say.  A product is shown all the same."""
    try:
        found = await reviews.get(f"/ratings/{sku}")
    except (errors.UpstreamFailed, errors.UpstreamRefused) as error:
        log.warning("no rating of %s: %s", sku, error)
        return None
    return {"stars": found["stars"], "reviews": found["reviews"]}
