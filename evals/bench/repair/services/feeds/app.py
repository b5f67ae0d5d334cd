"""Feeds' HTTP interface; schema.json says what an item is."""

from typing import Any

from services.feeds import items, merge
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


async def merged(request: Request) -> Response:
    """Items of several feeds in one list."""
    body = await request.json()
    found = merge.distinct([item for feed in body["feeds"] for item in feed])
    found = merge.by_rank(found) if body.get("order") == "rank" else merge.newest(found)
    return JSONResponse({"items": [shown(item) for item in found]})


def shown(item: dict[str, Any]) -> dict[str, Any]:
    """An item as we show it."""
    return {
        "key": items.key(item),
        "title": item["title"],
        "author": items.author(item),
        "tags": items.tag_line(item),
        "language": item.get("language", items.DEFAULT_LANGUAGE),
        "text": items.body(item),
    }


async def digest(request: Request) -> Response:
    """Figures of a list of items."""
    body = await request.json()
    found = merge.since(body["items"], body["since"])
    latest = items.published(merge.newest(found)[0]) if found else None
    return JSONResponse({"header": merge.header(found, latest), "mean_views": merge.mean_views(found)})


app = Starlette(routes=[Route("/merged", merged, methods=["POST"]), Route("/digests", digest, methods=["POST"])])
