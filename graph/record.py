"""Write a recording of a live world for a bug report: ``python -m graph.record ALERT.json --out DIR``.

The folder holds what the world's ports answer about the time around the alert, without secrets (docs/recordings.md).
"""

import argparse
import json
import os
import secrets
from datetime import timedelta
from pathlib import Path

from pydantic import JsonValue

from graph.config import settings
from graph.console import cli
from graph.evidence import naming, verification
from graph.setup import worlds
from incident import subject
from incident.alert import parse
from incident.errors import BadInput
from incident.evidence import Condition
from tools import ports, program
from tools.recorded import writing
from tools.secrets import mask

CHANGED = timedelta(days=7)
"""Time before the alert from which changes are kept."""


def main() -> int:
    """Entry point."""
    parser = cli.Parser(prog=program.called("record"), description=(__doc__ or "").splitlines()[0])
    parser.add_argument("alert", type=Path, help="the alert, as graph.run reads it")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="a folder that does not exist yet")
    parser.add_argument("--minutes", type=float, default=60.0, help="time before the alert that is kept")
    return cli.main(parser, record)


def record(arguments: argparse.Namespace) -> int:
    """Write the folder, and say what could not be asked."""
    chosen = settings.load(os.environ)
    try:
        content = arguments.alert.read_bytes()
    except OSError as error:
        raise BadInput("alert", str(arguments.alert), f"name a file that can be read ({error.strerror})") from error
    for sentence in recorded(worlds.chosen(chosen), content, arguments.out, timedelta(minutes=arguments.minutes)):
        cli.say(f"not recorded: {sentence}")
    cli.write(f"recorded in {arguments.out}; look at it with {program.called('investigate')} {arguments.out}")
    return 0


def recorded(world: ports.World, content: bytes, folder: Path, before: timedelta) -> tuple[str, ...]:
    """Write a recording about these alerts, and return sentences about what is not in it.  Raises BadInput."""
    payload, now = parse(content), world.clock.now()
    began = min((alert.starts_at for alert in payload.firing()), default=now)
    alert: JsonValue = json.loads(content)
    known = naming.known(world)
    rules: dict[str, Condition] = {}
    for one in payload.firing():
        found = subject.of(one.labels, known)
        rule = verification.own(world.metrics, one, found.service) if isinstance(found, subject.Named) else None
        if isinstance(rule, Condition):
            rules[rule.digest()] = rule
    # Values of settings become digests under a key that nobody keeps.
    hidden = mask.MaskedWorld(world, mask.Mask(secrets.token_bytes(32)))
    writer = writing.Writer(hidden, folder, (min(began, now) - before, now))
    writer.write(alert, rules.values(), min(began, now) - CHANGED)
    return tuple(dict.fromkeys(writer.left_out))


if __name__ == "__main__":
    raise SystemExit(main())
