"""Fraud's HTTP interface: ``POST /scores`` rates one payment from 0 (harmless) to 100."""

import asyncio

from services.fraud import model, rules
from shopkit import errors, settings, web
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

RECORDED = frozenset({"amount_cents", "country", "currency", "reasons", "score"})


def build() -> Starlette:
    """The application."""
    slots = asyncio.Semaphore(settings.number("MODEL_SLOTS", 64))

    async def score(request: Request) -> Response:
        body = await web.body_of(request)
        web.required(body, "customer_id", "country", "amount_cents", "currency")
        if not isinstance(body["amount_cents"], int):
            raise errors.BadRequest("amount_cents must be a whole number")
        # Stands for the call to the scoring model, which runs on machines of its own, a number of payments at once.
        async with slots:
            await asyncio.sleep(settings.number("MODEL_MS", 18) / 1000)
        findings = rules.findings(body)
        return JSONResponse({"score": model.score(findings), "reasons": [finding.reason for finding in findings]})

    async def explain(_request: Request) -> Response:
        return JSONResponse({"rules": rules.described()})

    return web.application([Route("/scores", score, methods=["POST"]), Route("/rules", explain)])


app = build()
