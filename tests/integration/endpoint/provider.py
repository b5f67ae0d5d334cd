"""A provider of a language model that misbehaves as its address tells: ``python -m tests.integration.endpoint.provider``.

Behind it answers the playbook, so a whole incident can be healed over the wire.  The address is
``http://127.0.0.1:PORT/NAME/MOVE,MOVE/v1``: each request there takes the next move, and the last one stays.
The process prints its port, and ends when its standard input does.

==============  ==============================================================================
``ok``          an answer, streamed when it is asked for
``uncounted``   an answer without usage
``429:SECONDS`` busy, with Retry-After;  ``401``, ``404``, ``500``, ``503``: that status
``too_long``    400, more than the context window holds
``unforced``    400, it cannot require a tool call
``reset``       the connection is reset;  ``hang``: no answer for a minute;  ``drip``: a byte now and then
``half``        half of a body;  ``html``: a page;  ``null``: no choices
``prose``, ``empty``, ``refusal``, ``wrong_tool``, ``truncated``, ``twice``   what models do
``die``         the whole process is killed with SIGKILL
==============  ==============================================================================
"""

import json
import os
import signal
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from langchain_core.messages import AIMessage
from langchain_core.messages.utils import convert_to_messages

from agents.playbook.model import Playbook

Json = dict[str, Any]

MESSAGES: dict[str, Json] = {
    "prose": {"content": "I believe that it is the database."},
    "empty": {"content": ""},
    "refusal": {"content": None, "refusal": "I cannot help with that."},
    "wrong_tool": {"content": None, "tool_calls": [("delete_everything", "{}")]},
    "truncated": {"content": None, "tool_calls": [("read_function", '{"function": "serv')]},
}


def said(body: Json) -> Json:
    """The playbook's answer to a request, as a message of the wire format."""
    model = Playbook().bind_tools(body["tools"])
    answer = model.invoke(convert_to_messages(body["messages"]))
    assert isinstance(answer, AIMessage)
    return {
        "content": answer.content or None,
        "tool_calls": [(c["name"], json.dumps(c["args"])) for c in answer.tool_calls],
    }


def completion(message: Json, *, counted: bool = True) -> Json:
    """A chat completion around a message."""
    calls = [
        {"id": f"call_{number}", "type": "function", "function": {"name": name, "arguments": arguments}}
        for number, (name, arguments) in enumerate(message.get("tool_calls", ()))
    ]
    told = {"role": "assistant", **{key: value for key, value in message.items() if key != "tool_calls"}}
    finish = "tool_calls" if calls else "stop"
    choice = {"index": 0, "finish_reason": finish, "message": {**told, **({"tool_calls": calls} if calls else {})}}
    usage = {"usage": {"prompt_tokens": 900, "completion_tokens": 60, "total_tokens": 960}} if counted else {}
    return {"id": "c", "object": "chat.completion", "created": 1, "model": "stub", "choices": [choice], **usage}


def pieces(whole: Json) -> list[Json]:
    """The same completion as the chunks of a stream, arguments cut in two."""
    base = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "stub"}
    choice = whole["choices"][0]
    message = choice["message"]
    found: list[Json] = [{"role": "assistant", "content": message.get("content")}]
    for index, call in enumerate(message.get("tool_calls", ())):
        arguments = call["function"]["arguments"]
        half = len(arguments) // 2
        found.append(
            {"tool_calls": [{**call, "index": index, "function": {**call["function"], "arguments": arguments[:half]}}]}
        )
        found.append({"tool_calls": [{"index": index, "function": {"arguments": arguments[half:]}}]})
    chunks = [{**base, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in found]
    chunks.append({**base, "choices": [{"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}]})
    return [*chunks, {**base, "choices": [], "usage": whole["usage"]}]


class Provider(ThreadingHTTPServer):
    """Takes one move per request of an address."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.moves: dict[str, list[str]] = {}
        self.turn = threading.Lock()

    def next(self, path: str) -> str:
        with self.turn:
            left = self.moves.setdefault(path, path.split("/")[2].split(","))
            return left.pop(0) if len(left) > 1 else left[0]


class Handler(BaseHTTPRequestHandler):
    """Plays a move."""

    protocol_version = "HTTP/1.1"
    server: Provider

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class names it)
        pass

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        move, _, detail = self.server.next(self.path).partition(":")
        plays: dict[str, Callable[[], None]] = {
            "ok": lambda: self._answer(body, completion(said(body))),
            "uncounted": lambda: self._answer(body, completion(said(body), counted=False)),
            "twice": lambda: self._answer(body, completion({**said(body), "tool_calls": said(body)["tool_calls"] * 2})),
            "too_long": lambda: self._refuse(400, "context_length_exceeded"),
            "unforced": lambda: self._unforced(body),
            "reset": self._reset,
            "hang": lambda: time.sleep(60),
            "drip": self._drip,
            "half": lambda: self._send(200, json.dumps(completion(said(body))).encode()[:80]),
            "html": lambda: self._send(200, b"<html>Welcome</html>", kind="text/html"),
            "null": lambda: self._send(200, json.dumps({**completion({"content": ""}), "choices": None}).encode()),
            "die": lambda: os.kill(os.getpid(), signal.SIGKILL),
        }
        if move.isdecimal():
            self._refuse(int(move), "", {"Retry-After": detail} if detail else {})
        elif move in MESSAGES:
            self._answer(body, completion(MESSAGES[move]))
        else:
            plays[move]()

    def _unforced(self, body: Json) -> None:
        if "tool_choice" in body:
            self._refuse(400, "unsupported_parameter tool_choice")
        else:
            self._answer(body, completion(said(body)))

    def _answer(self, body: Json, whole: Json) -> None:
        if not body.get("stream"):
            self._send(200, json.dumps(whole).encode())
            return
        text = "".join(f"data: {json.dumps(piece)}\n\n" for piece in pieces(whole)) + "data: [DONE]\n\n"
        self._send(200, text.encode(), kind="text/event-stream")

    def _refuse(self, status: int, code: str, headers: dict[str, str] | None = None) -> None:
        error = {"error": {"message": f"{code} ({self.headers['Authorization']})", "code": code, "type": "t"}}
        self._send(status, json.dumps(error).encode(), headers=headers)

    def _send(
        self, status: int, content: bytes, kind: str = "application/json", headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _reset(self) -> None:
        # With no time to linger, closing sends a reset instead of a proper end.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "100000")
        self.end_headers()
        while True:
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(0.1)


def main() -> None:
    """Serve until standard input ends."""
    server = Provider()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    while sys.stdin.buffer.read(1):
        pass


if __name__ == "__main__":
    main()
