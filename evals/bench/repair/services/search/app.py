"""Search's HTTP interface."""

from services.search import index, words
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

PAGE = 2
"""Results of a page."""


async def search(request: Request) -> Response:
    """Articles for a query."""
    body = await request.json()
    scores = index.ranked(body["query"], index.ARTICLES)
    keys = [key for key in scores if index.allowed(index.ARTICLES[key], body.get("filters"))]
    if "sort" in body:
        field = index.sort_field(body["sort"])
        keys.sort(key=lambda key: index.ARTICLES[key][field], reverse=field == "year")
    return JSONResponse(
        {
            "hits": len(keys),
            "page": index.page(keys, body.get("page", 1), PAGE),
            "best": index.best({key: scores[key] for key in keys}),
        }
    )


async def neighbours(request: Request) -> Response:
    """What stands beside an article in the list of titles."""
    keys = sorted(index.ARTICLES, key=lambda key: index.ARTICLES[key]["title"])
    return JSONResponse({"beside": index.neighbours(keys, request.path_params["key"])})


async def analyse(request: Request) -> Response:
    """What an article would be found by."""
    body = await request.json()
    article = {"title": body["title"], "text": body["text"]}
    return JSONResponse(
        {
            "initial": words.initial(body["title"]),
            "frequent": sorted(words.frequent(body["text"], body["least"])),
            "score": index.score(article, words.words(body["query"])),
        }
    )


async def highlight(request: Request) -> Response:
    """A text with the word that was looked for."""
    body = await request.json()
    return JSONResponse({"text": words.highlight(body["text"], body["word"])})


app = Starlette(
    routes=[
        Route("/search", search, methods=["POST"]),
        Route("/articles/{key}/neighbours", neighbours),
        Route("/analyses", analyse, methods=["POST"]),
        Route("/highlights", highlight, methods=["POST"]),
    ]
)
