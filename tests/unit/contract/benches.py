"""The worlds that the contract tests run against.

The scripted one as it is, and the same one behind the embedded world's interface and files, reached
by the embedded adapters without a socket.
"""

from pathlib import Path
from typing import NamedTuple

import httpx

from incident.errors import Unavailable, Unsure
from tools import embedded, ports, scripted
from tools.embedded import world_proof
from tools.scripted.clock import ManualClock
from tools.scripted.interface import Interface

KINDS = ("scripted", "embedded")


class Bench(NamedTuple):
    """A world under test, and the simulated world behind it."""

    world: ports.World
    scripted: scripted.ScriptedWorld
    clock: ManualClock


def transport(interface: Interface) -> httpx.MockTransport:
    """Answers from the simulated world; what it does not answer looks like a broken connection."""

    def answer(request: httpx.Request) -> httpx.Response:
        try:
            target, challenge = request.url.raw_path.decode(), request.headers.get(world_proof.CHALLENGE)
            sent = interface.sent(request.method, target, request.read(), challenge)
        except Unsure as error:
            raise httpx.ReadError(str(error)) from error
        except Unavailable as error:
            raise httpx.ConnectError(str(error)) from error
        return httpx.Response(sent.status, content=sent.body, headers=sent.headers)

    return httpx.MockTransport(answer)


def build(kind: str, clock: ManualClock, simulated: scripted.ScriptedWorld, folder: Path) -> Bench:
    if kind == "scripted":
        return Bench(simulated, simulated, clock)
    if kind != "embedded":
        raise LookupError(f"nothing is built for the world {kind}")
    interface = Interface(simulated, "http://127.0.0.1:1", folder)

    def write() -> None:
        """The simulated processes write their files while time passes."""
        interface.grow()
        clock.after(1.0, write)

    write()
    world = embedded.connect("http://127.0.0.1:1", clock, transport(interface), simulated.repository)
    return Bench(world, simulated, clock)
