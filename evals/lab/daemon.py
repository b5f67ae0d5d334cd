"""The lab's main process: started by ``evals.lab up``, ended by ``down``, its lease, or a signal.

What it is to do comes as one JSON line on standard input, so that no process list tells which fault is
in.  Its starter keeps standard input open until it lets go with ``detach``; when the starter ends before
that, so does the world.  One JSON line on standard output says that the world is ready, or why it is not.
"""

import asyncio
import contextlib
import dataclasses
import json
import os
import shutil
import signal
import socket
import sys
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import uvloop
from aiohttp import web
from pydantic import BaseModel, ConfigDict

from evals.lab import blueprints, channel, instances, places, runtime, steering
from evals.lab.api import Api
from evals.lab.checkouts import NoCommit
from evals.lab.lab import PROBE, FalseAlarm, Lab
from evals.lab.lease import Lease
from evals.lab.wall import Wall
from incident.errors import BadInput
from tools.embedded import world_proof

DETACH = b"detach\n"
"""Line that the starter sends when the world is to outlive it."""


class Spec(BaseModel):
    """Specification that a world is started with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    world: Path
    private: Path
    python: Path
    mounts: tuple[Path, ...]
    fault: str | None = None
    faults: tuple[Path, ...] = ()
    """Further folders of faults."""
    false_alarm: FalseAlarm | None = None
    seed: int = 1
    lease: float | None = None


def main() -> int:
    """Read the spec, run the world to its end, and say what came of it."""
    spec = Spec.model_validate_json(sys.stdin.buffer.readline())
    os.umask(0o022)
    try:
        uvloop.run(_run(spec))
    except (places.Occupied, instances.NotReady, NoCommit, BadInput, channel.Gone) as error:
        _say({"error": str(error)})
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


async def _run(spec: Spec) -> None:
    end = _once(asyncio.current_task())
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, end)
    starter = asyncio.create_task(_starter(end))
    wall = Wall()
    lease = Lease(spec.lease, wall.now())
    try:
        async with _world(spec, wall, lease, end) as (lab, url):
            missing = dict(lab.blueprint.missing)
            _say({"url": url, "id": lab.name, "pid": os.getpid(), "missing": missing})
            while not lease.over(wall.now()):
                lab.check()
                if spec.lease is not None and not starter.done():
                    lease.expires = wall.now() + spec.lease  # whoever started it still waits, for calm or its alert
                await asyncio.sleep(0.5)
    except asyncio.CancelledError:  # told to end
        pass
    finally:
        starter.cancel()
    shutil.rmtree(spec.private, ignore_errors=True)  # after a failure it stays, for whoever looks for the cause


def _once(task: "asyncio.Task[None] | None") -> Callable[[], None]:
    """Cancel a task the first time only: a second signal must not break off the cleaning up."""
    asked = False

    def end() -> None:
        nonlocal asked
        if task is not None and not asked:
            asked = True
            task.cancel()

    return end


async def _starter(end: Callable[[], None]) -> None:
    """End the world when the starter ends without letting go of it."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer)
    if await reader.readline() != DETACH:
        end()
        return
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)


@contextlib.asynccontextmanager
async def _world(spec: Spec, wall: Wall, lease: Lease, end: Callable[[], None]) -> AsyncIterator[tuple[Lab, str]]:
    """Bring the world up, and take it down whatever happens."""
    world = places.World(spec.world)
    world.clear()
    laid_out = await asyncio.to_thread(blueprints.build, world.repository, spec.fault, str(spec.seed), spec.faults)
    blueprint = dataclasses.replace(laid_out, false_alarm=spec.false_alarm)
    shop = runtime.Shop(python=spec.python, mounts=spec.mounts)
    http = aiohttp.ClientSession(timeout=PROBE)
    lab = Lab(uuid.uuid4().hex[:12], blueprint, world, shop, wall, http)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(lab.end)
        await lab.start(spec.private / "output")
        steered = await steering.serve(spec.private, lab, end)
        stack.callback(steered.close)
        url = await _serve(lab, lease, stack)
        stack.callback(world.card.unlink, missing_ok=True)
        world.announce(url, os.getpid(), lab.name)
        yield lab, url


async def _serve(lab: Lab, lease: Lease, stack: contextlib.AsyncExitStack) -> str:
    """Serve the API on a free port; returns its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    runner = web.AppRunner(
        Api(lab, lease, url, world_proof.make(lab.world.root, lab.name)).application(),
        access_log=None,
        shutdown_timeout=1.0,
    )
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.SockSite(runner, listening).start()
    return url


def _say(message: dict[str, object]) -> None:
    """Tell the starter; it may be gone."""
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
