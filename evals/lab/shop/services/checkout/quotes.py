"""What a basket would cost."""

from typing import Any

from services.checkout.baskets import Basket
from shopkit import peers


async def quote(basket: Basket, pricing: peers.Peer, payment: peers.Peer) -> dict[str, Any]:
    """Goods, discount, fee and instalments."""
    prices = await priced(basket, pricing)
    paying = await payment.post("/quotes", payment_of(basket, prices["total_cents"]))
    return {
        "currency": basket.currency,
        "goods_cents": prices["subtotal_cents"],
        "discount_cents": prices["discount_cents"],
        "fee_cents": paying["fee_cents"],
        "total_cents": paying["total_cents"],
        "instalments": paying["instalments"],
        "hint_cents": prices["missing_cents"],
    }


async def priced(basket: Basket, pricing: peers.Peer) -> Any:
    """What pricing says about the goods."""
    return await pricing.post(
        "/prices", {"items": basket.items, "currency": basket.currency, "voucher": basket.voucher}
    )


def payment_of(basket: Basket, amount_cents: int) -> dict[str, Any]:
    """What payment needs to know."""
    return {
        "customer": basket.customer,
        "amount_cents": amount_cents,
        "currency": basket.currency,
        "method": basket.method,
    }
