"""Notify's HTTP interface: ``POST /messages`` renders a message and puts it into the outbox.

A worker hands the messages to the mail provider, a third party whose address is MAIL_URL; without one they wait.
"""

from services.notify import addresses, outbox, sender, templates
from shopkit import errors, flight_recorder, metrics, peers, settings, web
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

RECORDED = frozenset({"language", "length", "template", "waiting"})


def build(mail: peers.Peer | None = None) -> Starlette:
    """The application with an empty outbox."""
    box = outbox.Outbox(room=1_000)
    metrics.watch("messages_waiting", box.waiting)

    async def message(request: Request) -> Response:
        body = await web.body_of(request)
        web.required(body, "template", "to", "values")
        if not isinstance(body["to"], str) or not addresses.known(body["to"]):
            raise errors.BadRequest("to must be an address")
        text = templates.render(body["template"], body.get("language", "en"), body["values"])
        box.put(outbox.Message(body["to"], text))
        return JSONResponse({"length": len(text)}, status_code=202)

    async def waiting(_request: Request) -> Response:
        return JSONResponse({"waiting": flight_recorder.read("waiting", box.waiting)})

    return web.application(
        [Route("/messages", message, methods=["POST"]), Route("/outbox", waiting)],
        background=[] if mail is None else [lambda: sender.run(box, mail)],
    )


app = build(peers.HttpPeer("mail") if settings.text("MAIL_URL", "") else None)
