"""Feature flags of a world: the shop's own file in flagd's format, which operators change, and the record of that."""

import json
import shutil
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from evals.lab import places
from evals.lab.wall import Wall
from incident.evidence import Change

FILE = "flags.json"
"""In the shop's repository."""


class NoFlag(ValueError):
    """There is no such flag, or no such variant of it."""


@dataclass
class Flags:
    """The flags in force, and how operators turned them.  What the repository ships is no recorded change."""

    file: Path
    wall: Wall
    _turned: list[Change] = field(default_factory=list)

    def turn(self, key: str, variant: str) -> Change:
        """Make a variant the default of a flag, as an operator does; returns what is recorded.  Raises NoFlag."""
        known = json.loads(self.file.read_text())["flags"] if self.file.exists() else {}
        flag = known.get(key)
        if flag is None or variant not in flag["variants"]:
            raise NoFlag(f"{key[:80]!r} has no variant {variant[:80]!r}")
        before = str(flag["defaultVariant"])
        flag["defaultVariant"] = variant
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps({"flags": known}, indent=2) + "\n")
        new.rename(self.file)
        # A flag is for all services, so the change is of no single one.
        change = Change(
            service="", at=self.wall.moment(), what="flag", key=key, old=before, new=variant, actor="operator"
        )
        self._turned.append(change)
        return change

    def history(self, since: datetime) -> tuple[Change, ...]:
        """Recorded changes at or after a time, oldest first."""
        return tuple(change for change in self._turned if change.at >= since)


def begin(world: places.World, wall: Wall) -> Flags:
    """Put the flags in force that the repository holds, if it holds any."""
    shipped = world.repository / FILE
    if shipped.exists():
        shutil.copyfile(shipped, world.flags)
    return Flags(world.flags, wall)
