"""Answers of a double that are signed as a world signs its own."""

from collections.abc import Callable

import httpx

from tools.embedded import world_proof

Reply = Callable[[httpx.Request], httpx.Response]


def signed(key: world_proof.Key, reply: Reply, port: int = 1) -> Reply:
    """Sign whatever `reply` answers, for a client that was told that it talks to this port."""

    def answer(request: httpx.Request) -> httpx.Response:
        response = reply(request)
        challenge = request.headers[world_proof.CHALLENGE]
        response.headers[world_proof.PROOF] = key.sign(port, challenge, response.status_code, response.content)
        return response

    return answer
