"""Content's HTTP interface; schema.json says what a page is."""

from typing import Any

from services.content import pages, texts
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


async def page(request: Request) -> Response:
    """A page as it is stored."""
    return JSONResponse(stored(await request.json()))


def stored(body: dict[str, Any]) -> dict[str, Any]:
    """The fields of a page."""
    return {
        "slug": texts.slug(body["title"]),
        "trail": pages.trail(body["path"]),
        "section": pages.section(body["path"]),
        "width": pages.width(body),
        "language": pages.language(body),
        "byline": texts.byline(body),
    }


async def render(request: Request) -> Response:
    """A text with its values."""
    body = await request.json()
    text = texts.fill(body["template"], body["values"])
    return JSONResponse({"text": text, "excerpt": texts.excerpt(text, body.get("words", 5))})


async def menus(request: Request) -> Response:
    """A menu and how deep its tree is."""
    body = await request.json()
    return JSONResponse({"lines": pages.menu(body["titles"], body["paths"]), "depth": pages.depth(body["tree"])})


async def outline(request: Request) -> Response:
    """The heading of a text."""
    body = await request.json()
    return JSONResponse({"heading": texts.first_heading(body["lines"])})


app = Starlette(
    routes=[
        Route("/pages", page, methods=["POST"]),
        Route("/texts", render, methods=["POST"]),
        Route("/menus", menus, methods=["POST"]),
        Route("/outlines", outline, methods=["POST"]),
    ]
)
