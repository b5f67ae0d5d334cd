"""Steers a world from outside its API: for tests and scenarios, out of the healer's reach.

A Unix socket in the private folder (mode 0700); one JSON object a line in, one out.
"""

import asyncio
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from evals.lab.lab import Lab
from evals.lab.supervisor import Refused

SOCKET = "steering.sock"


class _Order(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Down(_Order):
    """End the world."""

    op: Literal["down"] = "down"


class Shift(_Order):
    """Let further kinds of users come."""

    op: Literal["shift"] = "shift"
    kinds: dict[str, float]


class Deploy(_Order):
    """Deploy the fault's next release now."""

    op: Literal["deploy"] = "deploy"


class Configure(_Order):
    """Change or unset a configuration value of a serving version, as an operator would."""

    op: Literal["configure"] = "configure"
    service: str
    key: str
    value: str | None


class Fire(_Order):
    """Report a service's rule as firing for a while, though the service may be healthy."""

    op: Literal["fire"] = "fire"
    service: str
    seconds: float = Field(gt=0, le=3600)


class Counts(_Order):
    """Counts of the load generator."""

    op: Literal["counts"] = "counts"


class State(_Order):
    """State of the lab's own world: calm or what it waits for, the timetable's age, and what makes the run void."""

    op: Literal["state"] = "state"


Order = Annotated[Down | Shift | Deploy | Configure | Fire | Counts | State, Field(discriminator="op")]
ORDER: TypeAdapter[Order] = TypeAdapter(Order)


async def serve(folder: Path, lab: Lab, end: Callable[[], None]) -> asyncio.Server:
    """Listen in the private folder."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = await reader.readline()
        writer.write(json.dumps(await _obey(line, lab, end)).encode() + b"\n")
        await writer.drain()
        writer.close()

    return await asyncio.start_unix_server(connected, folder / SOCKET)


async def _obey(line: bytes, lab: Lab, end: Callable[[], None]) -> dict[str, object]:
    try:
        order = ORDER.validate_json(line)
        match order:
            case Down():
                end()
            case Shift():
                await lab.shift(order.kinds)
            case Deploy():
                await lab.deploy_next()
            case Configure():
                await lab.configure(order.service, order.key, order.value)
            case Fire():
                await lab.fire(order.service, order.seconds)
            case Counts():
                return {"ok": True, **await lab.load.ask("counts", {})}
            case State():
                watch = lab.watch
                age = None if watch.begun_at is None else lab.wall.now() - watch.begun_at
                return {"ok": True, "calm": watch.calm, "waits_for": watch.waits_for, "age": age, "void": watch.void}
    except (ValidationError, Refused, LookupError, ValueError) as error:
        return {"error": str(error)}
    return {"ok": True}


class Unreachable(RuntimeError):
    """No world listens there."""


def send(folder: Path, order: BaseModel) -> dict[str, object]:
    """Send one order and return the answer.  Raises Unreachable."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(60)
            connection.connect(str(folder / SOCKET))
            connection.sendall(order.model_dump_json().encode() + b"\n")
            with connection.makefile("rb") as answer:
                read: dict[str, object] = json.loads(answer.readline())
                return read
    except (OSError, ValueError) as error:
        raise Unreachable(f"no world answers in {folder}") from error
