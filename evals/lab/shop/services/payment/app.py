"""Payment's HTTP interface.

``POST /quotes`` says what paying an amount would cost; ``POST /charges`` takes the money.  Both are described in
``schema.json``.  Fraud is asked for a score, the ledger is told about every charge.
"""

from typing import Any

from services.payment import assessment, charges, fees, instalments, requests
from shopkit import peers, web
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

RECORDED = frozenset(
    {"amount_cents", "band", "country", "currency", "lines", "cents", "method", "reasons", "score", "side", "tier"}
)
"""Fields that the flight recorder may write as they are; none of them says who somebody is."""


def build(fraud: peers.Peer, ledger: peers.Peer) -> Starlette:
    """The application on these peers."""

    async def quote(request: Request) -> Response:
        asked = requests.quote(await web.body_of(request))
        assessed = await assessment.assess(fraud, asked.customer, asked.amount_cents, asked.currency)
        return JSONResponse(quoted(asked, assessed))

    async def charge(request: Request) -> Response:
        body = await web.body_of(request)
        asked, order_id = requests.charge(body)
        assessed = await assessment.assess(fraud, asked.customer, asked.amount_cents, asked.currency)
        if assessed["band"] == "blocked":
            return JSONResponse({"order_id": order_id, "status": "declined"}, status_code=402)
        price = quoted(asked, assessed)
        entry = charges.entry(order_id, price)
        answer = await ledger.post("/entries", entry)
        return JSONResponse(
            {**price, "order_id": order_id, "charge_id": entry["charge_id"], "entry_id": answer["entry_id"], "status": "paid"}
        )

    async def methods(request: Request) -> Response:
        return JSONResponse({"methods": fees.surcharges(request.query_params.get("currency", "EUR"))})

    return web.application(
        [
            Route("/quotes", quote, methods=["POST"]),
            Route("/charges", charge, methods=["POST"]),
            Route("/methods", methods),
        ]
    )


def quoted(asked: requests.Asked, assessed: dict[str, Any]) -> dict[str, Any]:
    """What paying costs, and in which instalments it may be paid."""
    fee = fees.fee_cents(asked.amount_cents, assessed["terms"], asked.method)
    total = asked.amount_cents + fee
    count = instalments.allowed(assessed["terms"], assessed["band"], total)
    return {
        "amount_cents": asked.amount_cents,
        "fee_cents": fee,
        "total_cents": total,
        "currency": asked.currency,
        "instalments": instalments.plan(total, count),
    }


app = build(peers.HttpPeer("fraud"), peers.HttpPeer("ledger"))
