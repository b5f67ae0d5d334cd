"""Feature flags of a world: the shop's own file in flagd's format, which an operator changes."""

import json
import shutil

from evals.lab import places

FILE = "flags.json"
"""In the shop's repository."""


class NoFlag(ValueError):
    """There is no such flag, or no such variant of it."""


def begin(world: places.World) -> None:
    """Put the flags in force that the repository holds, if it holds any."""
    shipped = world.repository / FILE
    if shipped.exists():
        shutil.copyfile(shipped, world.flags)


def turn(world: places.World, key: str, variant: str) -> str:
    """Make a variant the default of a flag; returns the one before.  Raises NoFlag."""
    known = json.loads(world.flags.read_text())["flags"] if world.flags.exists() else {}
    flag = known.get(key)
    if flag is None or variant not in flag["variants"]:
        raise NoFlag(f"{key[:80]!r} has no variant {variant[:80]!r}")
    before = str(flag["defaultVariant"])
    flag["defaultVariant"] = variant
    new = world.flags.with_suffix(".new")
    new.write_text(json.dumps({"flags": known}, indent=2) + "\n")
    new.rename(world.flags)
    return before
