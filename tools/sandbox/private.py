"""Folders of this machine that no run may see: our state, people's homes, and those that describe the system."""

import os
import pwd
from collections.abc import Iterable, Iterator
from pathlib import Path

from incident.value import Value
from tools.sandbox.spec import Folder

_SYSTEM = ("/proc", "/sys", "/dev", "/run", "/etc", "/boot", "/tree")
"""``/tree`` is no folder of the host: the sandbox has one of that name."""

_PEOPLE = range(1000, 65534)
"""User ids of people: with lower ones come the homes of services, which are places such as ``/usr/sbin``."""


class Folders(Value):
    """Folders by device and inode."""

    private: tuple[Folder, ...]
    """Folders that no mount may be or lie in."""
    above: tuple[Folder, ...]
    """Folders that no mount may be: they would show something private, or a whole home."""
    homes: tuple[Folder, ...]
    """Homes in which a mount may lie when it is an interpreter's prefix."""


def folders(state: Path, owners: Iterable[int]) -> Folders:
    """Private folders, for runs whose mounts may belong to `owners`, who may keep environments in their homes."""
    people = [user for user in pwd.getpwall() if user.pw_uid == 0 or user.pw_uid in _PEOPLE]
    homes = {Path(user.pw_dir): user.pw_uid for user in people if user.pw_dir.strip("/")}
    trusted = {user for user in owners if user or os.geteuid() == 0}
    private = [state, *map(Path, _SYSTEM), *(path for path, user in homes.items() if user not in trusted)]
    return Folders(
        private=_identities(private),
        above=_identities(place for path in (*private, *homes) for place in _upwards(path)),
        homes=_identities(path for path, user in homes.items() if user in trusted),
    )


def _upwards(path: Path) -> Iterator[Path]:
    """A folder and all above it, as they are written and as they are."""
    for one in {path, path.resolve()}:
        yield from (one, *one.parents)


def _identities(paths: Iterable[Path]) -> tuple[Folder, ...]:
    found: dict[Folder, None] = {}
    for path in paths:
        try:
            seen = path.stat()
        except OSError:
            continue  # it is not there, or nobody may look: then neither may the run
        found[seen.st_dev, seen.st_ino] = None
    return tuple(found)
