"""How an answer gets onto a tape and off it again: nothing of the key, the address or the machine comes along."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import vcr  # type: ignore[import-untyped]  # vcrpy ships no types
from vcr.request import Request  # type: ignore[import-untyped]  # vcrpy ships no types

FOLDER = Path(__file__).parent

ADDRESS = "http://model.invalid/v1"
"""Where every tape says that its model runs; RFC 2606 keeps that name from ever existing."""

REQUEST_HEADERS = frozenset({"content-type"})
"""All others are left out: the key, and what the client tells of the machine it runs on."""

RESPONSE_HEADERS = frozenset({"content-type", "retry-after"})

ANSWER = ("id", "object", "created", "model", "choices", "usage", "error")
"""What stays of an answer."""


def path(name: str) -> Path:
    """The file of a tape."""
    return FOLDER / f"{name}.yaml"


@contextmanager
def running(name: str, mode: Literal["none", "all"] = "none") -> Iterator[Any]:
    """Replay a tape, or record it anew (`all`).  Answers come in the order in which they were given.

    They are matched by path alone: a prompt may be reworded without a model at hand, and what the tape
    proves is that real answers are understood, not that a model would give them again.
    """
    recorder = vcr.VCR(
        cassette_library_dir=str(FOLDER),
        record_mode=vcr.record_mode.RecordMode(mode),
        match_on=("method", "path"),
        before_record_request=anonymous_request,
        before_record_response=anonymous_response,
        decode_compressed_response=True,
    )
    with recorder.use_cassette(path(name).name) as cassette:
        yield cassette


def anonymous_request(request: Request) -> Request:
    """The request without its address and without any header that is not needed."""
    request.uri = ADDRESS + request.path.removeprefix("/v1")
    request.headers = {name: value for name, value in request.headers.items() if name.lower() in REQUEST_HEADERS}
    return request


def anonymous_response(response: dict[str, Any]) -> dict[str, Any]:
    """The response without what tells of its server: headers, timings, and the folder that the model lies in."""
    kept = {name: value for name, value in response["headers"].items() if name.lower() in RESPONSE_HEADERS}
    said = json.loads(response["body"]["string"])
    body = {name: said[name] for name in ANSWER if name in said}
    if "model" in body:
        body["model"] = str(body["model"]).rpartition("/")[2].removesuffix(".gguf")
    return {**response, "headers": kept, "body": {"string": json.dumps(body).encode()}}
