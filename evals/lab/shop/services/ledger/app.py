"""Ledger's HTTP interface: ``POST /entries`` books a charge, ``GET /accounts/{account}`` tells a balance."""

from services.ledger import books, entries, journal
from shopkit import errors, flight_recorder, web
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

RECORDED = frozenset({"account", "cents", "currency", "side", "balance", "entries"})


def build() -> Starlette:
    """The application with empty books."""
    kept = books.Books()
    written = journal.Journal()

    async def post(request: Request) -> Response:
        entry = entries.read(await web.body_of(request))
        await written.append(entry)
        kept.book(entry)
        return JSONResponse({"entry_id": entry.entry_id, "cents": entry.cents}, status_code=201)

    async def account(request: Request) -> Response:
        name = request.path_params["account"]
        if name not in entries.ACCOUNTS:
            raise errors.NotFound(f"no account {name}")
        balance = flight_recorder.read("balance", lambda: kept.balance(name))
        return JSONResponse({"account": name, "balance": balance})

    return web.application([Route("/entries", post, methods=["POST"]), Route("/accounts/{account}", account)])


app = build()
