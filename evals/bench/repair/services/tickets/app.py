"""The help desk's HTTP interface."""

from datetime import date, datetime

from services.tickets import board, mails, sla
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


async def triage(request: Request) -> Response:
    body = await request.json()
    ticket = body["ticket"]
    hours = sla.answer_within(ticket, body["customer"])
    due = sla.due(datetime.fromisoformat(body["opened"]), hours)
    return JSONResponse({"points": board.points(ticket), "hours": hours, "due": due.isoformat()})


async def boards(request: Request) -> Response:
    """The cards of a board, and how much work is on it."""
    body = await request.json()
    cards = [
        {
            "key": ticket["key"],
            "minutes": board.minutes(ticket["estimate"]),
            "watchers": board.watchers(ticket),
            "blockers": board.blockers(ticket["key"], body["tickets"]),
        }
        for ticket in body["tickets"]
    ]
    return JSONResponse({"cards": cards, "minutes": sum(card["minutes"] for card in cards)})


async def mail(request: Request) -> Response:
    body = await request.json()
    headers = dict(mails.header(line) for line in body["head"])
    subject = mails.topic(headers.get("subject", ""))
    text = mails.fresh(body["text"])
    return JSONResponse(
        {
            "subject": subject,
            "priority": headers.get("x-priority", "normal"),
            "text": text,
            "references": mails.references(f"{subject}\n{text}"),
        }
    )


async def duty(request: Request) -> Response:
    day = date.fromisoformat(request.path_params["day"])
    return JSONResponse({"day": day.isoformat(), "crew": sla.crew(day)})


app = Starlette(
    routes=[
        Route("/triage", triage, methods=["POST"]),
        Route("/boards", boards, methods=["POST"]),
        Route("/mails", mail, methods=["POST"]),
        Route("/duty/{day}", duty),
    ]
)
