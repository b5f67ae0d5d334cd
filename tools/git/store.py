"""The objects of one repository: loose files and packs, each checked against its id.

Format: https://git-scm.com/docs/gitrepository-layout.  A store answers one question and is then closed,
so nothing that the owner moves about meanwhile is remembered.
"""

import contextlib
import hashlib
import os
import re
import zlib
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from incident.errors import Refused, Unavailable
from tools.git.bounds import Bounds, Effort
from tools.git.folder import GitFolder, translated
from tools.git.pack import FIRST, Content, Pack, inflated

_CONFIG = 1 << 20
_NAMES = 10_000
"""Files of one folder of objects that are looked at."""
_HEADER = 64
"""Bytes of a loose object that hold its kind and size."""
_SHA256 = re.compile(rb'^[ \t]*objectformat[ \t]*=[ \t]*"?sha256"?[ \t\r]*$', re.IGNORECASE | re.MULTILINE)
_INDEX = re.compile(r"pack-[0-9a-f]{40}(?:[0-9a-f]{24})?\.idx")


class Store:
    """Reads objects by id (40 or 64 hexadecimal digits), and adds new ones."""

    def __init__(self, folder: GitFolder, bounds: Bounds) -> None:
        """Raises Refused, Unavailable."""
        self.folder, self.bounds, self.effort = folder, bounds, Effort(bounds)
        # The one thing that is read from the configuration: which of two hash functions names the objects.
        self.width = 32 if _SHA256.search(folder.read("config", _CONFIG) or b"") else 20
        self._stack = contextlib.ExitStack()
        self._packs: tuple[Pack, ...] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def size(self, name: str) -> int:
        """The size of an object in bytes.  Raises Refused, Unavailable."""
        with self._placed(name) as place:
            return place[0].size(place[1]) if isinstance(place, tuple) else self._header(name, place)[1]

    def kind(self, name: str) -> str:
        """Kind of an object: commit, tree, blob or tag.  Raises Refused, Unavailable."""
        with self._placed(name) as place:
            return place[0].kind(place[1]) if isinstance(place, tuple) else self._header(name, place)[0]

    def read(self, name: str, most: int) -> Content:
        """Kind and content of an object.  Raises Refused when it has more than `most` bytes or is damaged, Unavailable."""
        found = self.read_small(name, most)
        if found is None:
            raise Refused(f"the repository holds an object of more than {most} bytes: {name}")
        return found

    def read_small(self, name: str, most: int) -> Content | None:
        """Kind and content of an object; None when it has more than `most` bytes.  Raises Refused, Unavailable."""
        with self._placed(name) as place:
            if isinstance(place, tuple):
                pack, offset = place
                kind, size, start = "", pack.size(offset), 0
            else:
                kind, size, start = self._header(name, place)
            if size > most:
                return None
            self.effort.unpack(size)
            if isinstance(place, tuple):
                kind, content = pack.read(offset)
            else:
                whole = inflated(place, 0, start + size, self.effort)
                content = b"" if whole is None else whole[start:]
        if self.name(kind, content) != name:
            raise Refused(f"the object {name} of the repository is damaged")
        return kind, content

    def has(self, name: str) -> bool:
        """True when the object is in the store."""
        with translated("objects/pack"):
            return self._found(name) is not None or self.folder.has(_loose(name))

    def beginning(self, prefix: str) -> tuple[str, ...]:
        """The ids that begin with at least four digits; more than one when it is ambiguous.  Raises Refused, Unavailable."""
        listed = self.folder.names(f"objects/{prefix[:2]}", _NAMES)
        found = {
            prefix[:2] + rest for rest in listed if rest.startswith(prefix[2:]) and len(rest) == 2 * self.width - 2
        }
        odd = int(prefix[-1], 16) if len(prefix) % 2 else None
        even = bytes.fromhex(prefix[:-1] if len(prefix) % 2 else prefix)
        with translated("objects/pack"):
            for pack in self._opened():
                found.update(name.hex() for name in pack.beginning(even, odd))
        return tuple(sorted(found))

    def name(self, kind: str, content: bytes) -> str:
        """The id of an object."""
        made = hashlib.sha1(usedforsecurity=False) if self.width == 20 else hashlib.sha256()
        made.update(_head(kind, content))
        made.update(content)
        return made.hexdigest()

    def write(self, kind: str, content: bytes) -> str:
        """Add an object, synced, unless it is there.  Raises Refused, also when what is there is damaged, Unavailable."""
        name = self.name(kind, content)
        if self.has(name):
            self.read(name, len(content))
        else:
            self.folder.put(_loose(name), zlib.compress(_head(kind, content) + content), 0o444)
        return name

    def _header(self, name: str, descriptor: int) -> tuple[str, int, int]:
        """(kind, size, length of what says so) of a loose object."""
        try:
            start = zlib.decompressobj().decompress(os.pread(descriptor, FIRST, 0), _HEADER)
        except zlib.error:
            start = b""
        said = re.match(rb"(commit|tree|blob|tag) (0|[1-9][0-9]{0,18})\0", start)
        if said is None:
            raise Refused(f"the object {name} of the repository is damaged")
        return said[1].decode(), int(said[2]), said.end()

    @contextlib.contextmanager
    def _placed(self, name: str) -> Iterator[int | tuple[Pack, int]]:
        """The place of an object: a descriptor of its own file, or a pack and an offset.

        Raises Refused, Unavailable.
        """
        self.effort.check()
        with translated("objects"):
            found = self._found(name)
            if found is not None:
                yield found
                return
            with self.folder.file(_loose(name)) as descriptor:
                if descriptor is not None:
                    yield descriptor
                    return
            # Packed by its owner since we looked, maybe.
            self._stack.close()
            self._packs = None
            found = self._found(name)
            if found is None:
                raise self._lacking(name)
            yield found

    def _lacking(self, name: str) -> Unavailable:
        if any(file.endswith(".promisor") for file in self.folder.names("objects/pack", _NAMES)):
            return Refused(f"the repository is a partial clone without the object {name}: clone it without --filter")
        return Unavailable(f"the repository lacks the object {name}")

    def _found(self, name: str) -> tuple[Pack, int] | None:
        key = bytes.fromhex(name)
        for pack in self._opened():
            offset = pack.find(key)
            if offset is not None:
                return pack, offset
        return None

    def _opened(self) -> tuple[Pack, ...]:
        if self._packs is None:
            listed = sorted(file for file in self.folder.names("objects/pack", _NAMES) if _INDEX.fullmatch(file))
            if len(listed) > self.bounds.packs:
                raise Refused(f"the repository has more than {self.bounds.packs} packs: run `git gc` there")
            opened = (self._open(file.removesuffix(".idx")) for file in listed)
            self._packs = tuple(pack for pack in opened if pack is not None)
        return self._packs

    def _open(self, name: str) -> Pack | None:
        """A pack; None when its owner took it away just now."""
        index = self._stack.enter_context(self.folder.file(f"objects/pack/{name}.idx"))
        pack = self._stack.enter_context(self.folder.file(f"objects/pack/{name}.pack"))
        return None if index is None or pack is None else Pack(name, index, pack, self.width, self.effort)


def _loose(name: str) -> str:
    return f"objects/{name[:2]}/{name[2:]}"


def _head(kind: str, content: bytes) -> bytes:
    return b"%b %d\0" % (kind.encode(), len(content))
