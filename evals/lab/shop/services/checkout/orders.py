"""Placing an order."""

import logging
from typing import Any

from services.checkout import quotes
from services.checkout.baskets import Basket
from shopkit import errors, peers

log = logging.getLogger("checkout.orders")
LANGUAGES = {"DE": "de", "AT": "de", "FR": "fr"}


async def place(
    basket: Basket, reference: str, pricing: peers.Peer, payment: peers.Peer, inventory: peers.Peer, notify: peers.Peer
) -> tuple[int, dict[str, Any]]:
    """Price, reserve, charge and tell the customer: the answer's status and body.

    A declined payment is 402.  A reservation that is not paid for ends by itself.
    """
    order_id = f"o-{reference}"
    prices = await quotes.priced(basket, pricing)
    reserved = await inventory.post("/reservations", {"order_id": order_id, "items": basket.items})
    try:
        paid = await payment.post("/charges", {"order_id": order_id, **quotes.payment_of(basket, prices["total_cents"])})
    except errors.UpstreamRefused as refused:
        if refused.status != 402:
            raise
        await _tell(notify, basket, "order_declined", {"order_id": order_id})
        return 402, {"order_id": order_id, "status": "declined"}
    total = f"{paid['total_cents'] // 100}.{paid['total_cents'] % 100:02} {basket.currency}"
    await _tell(notify, basket, "order_placed", {"order_id": order_id, "total": total})
    return 201, {
        "order_id": order_id,
        "status": "placed",
        "charge_id": paid["charge_id"],
        "fee_cents": paid["fee_cents"],
        "total_cents": paid["total_cents"],
        "currency": basket.currency,
        "warehouses": reserved["warehouses"],
    }


async def _tell(notify: peers.Peer, basket: Basket, template: str, values: dict[str, Any]) -> None:
    """Tell a known customer.  An order does not fail because a message did."""
    address = basket.customer.get("email") if basket.customer else None
    if not address:
        return
    message = {"template": template, "to": address, "language": LANGUAGES.get(basket.country, "en"), "values": values}
    try:
        await notify.post("/messages", message)
    except (errors.UpstreamFailed, errors.UpstreamRefused) as error:
        log.warning("the customer was not told: %s", error)
