"""``python -m tools.scripted DIR``: a simulated world on a port of this machine, until standard input ends.

Prints one line of JSON: ``{"url": ..., "id": ..., "pid": ...}``.
"""

import argparse
import json
import os
import secrets
import sys
from pathlib import Path

from tools.clock import SystemClock
from tools.scripted import stage, world
from tools.scripted.materialise import materialise
from tools.scripted.serve import Served
from tools.scripted.state import Behaviour


def main(arguments: list[str]) -> int:
    """Serve until standard input ends."""
    given = _parser().parse_args(arguments)
    clock = SystemClock()
    trouble = stage.Trouble.model_validate_json(given.trouble)
    simulated = world.incident_world(
        clock,
        wakes_in=None if given.healthy else given.wakes_in,
        patched=Behaviour(other=given.patched_other, sick=given.patched_sick),
        rate=given.rate,
        deployed_ago=given.deployed_ago,
        # Two such worlds are not one: whoever finds another one at a port must be able to tell.
        identity=f"scripted-{secrets.token_hex(6)}",
    )
    folder = given.folder.absolute()
    served = Served(materialise(simulated, clock, folder / "repository", trouble), folder, given.port)
    said = {"url": served.url, "id": simulated.platform.world(), "pid": os.getpid()}
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()
    served.until_closed(sys.stdin.buffer)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.scripted", description="Serves a simulated world.")
    parser.add_argument("folder", type=Path, help="an empty folder for its repository, logs, spans and captures")
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    parser.add_argument("--rate", type=float, default=80.0, help="requests a second to the sick service")
    parser.add_argument("--wakes-in", type=float, default=0.0, help="seconds until the bug wakes; negative: it did")
    parser.add_argument("--healthy", action="store_true", help="the bug never wakes")
    parser.add_argument("--deployed-ago", type=float, help="the sick version was deployed so many seconds ago")
    parser.add_argument("--patched-other", type=float, default=0.003, help="share of other errors of any new commit")
    parser.add_argument("--patched-sick", type=float, default=0.0, help="share of the bug's errors of any new commit")
    parser.add_argument("--trouble", default="{}", help='JSON, as {"changes": {"2": "lost_answer"}}')
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
