"""Serves the simulated world as a process of its own, at the embedded world's interface.

A healer can be killed and started again while the world goes on.  The process ends when its
standard input does, so that nothing is left when whoever started it is gone.
"""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO

from incident.errors import Unavailable, Unsure
from tools.embedded import world_proof
from tools.scripted.interface import Interface
from tools.scripted.world import ScriptedWorld

MAX_BODY = 256 * 1024
"""Bytes of a request's body that are read."""


class Served(ThreadingHTTPServer):
    """Answers one call at a time, on a free port of this machine unless one is given."""

    # A client that keeps its connection open must not keep this process alive.
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, world: ScriptedWorld, root: Path, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.interface = Interface(world, self.url, root)
        # Each connection has a thread of its own, and the files expect one caller at a time.
        self.turn = threading.Lock()

    def until_closed(self, stream: BinaryIO, every: float = 0.5) -> None:
        """Serve until the stream ends; the files grow meanwhile, asked or not (every so many seconds)."""
        ended = threading.Event()
        threading.Thread(target=self._grow, args=(ended, every), name="grow", daemon=True).start()
        threading.Thread(target=self.serve_forever, name="serve", daemon=True).start()
        while stream.read(1):
            pass
        ended.set()
        self.shutdown()
        self.server_close()

    def _grow(self, ended: threading.Event, every: float) -> None:
        while not ended.wait(every):
            with self.turn:
                self.interface.grow()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Served

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class names it)
        """Write nothing: whoever asks keeps records."""

    def _answer(self) -> None:
        said = self.headers.get("Content-Length", "0")
        length = int(said) if said.isdecimal() else MAX_BODY + 1
        if length > MAX_BODY:
            # Its body was not read, and would be taken for the next request.
            self.close_connection = True
            return
        body = self.rfile.read(length)
        challenge = self.headers.get(world_proof.CHALLENGE)
        try:
            with self.server.turn:
                sent = self.server.interface.sent(self.command, self.path, body, challenge)
        except (Unsure, Unavailable):
            # What does not answer hangs up without a word.
            self.close_connection = True
            return
        self.send_response(sent.status)
        for name, value in sent.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(sent.body)))
        self.end_headers()
        self.wfile.write(sent.body)
