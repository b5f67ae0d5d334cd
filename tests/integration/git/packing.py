"""Packs as git would never make them."""

import hashlib
import struct
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

COMMIT, TREE, BLOB, OFFSET_DELTA, ID_DELTA = 1, 2, 3, 6, 7


class Packed(NamedTuple):
    """One object: what its head says, and its data."""

    id: str
    kind: int
    data: bytes
    base: int | str = 0
    """Of a delta: the place of its base in the pack, or the base's id."""
    size: int | None = None
    """What the head claims instead of the truth."""


def blob(content: bytes) -> Packed:
    """A file."""
    return Packed(hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest(), BLOB, content)


def delta(base: int, size: int, *copies: tuple[int, int]) -> bytes:
    """A delta that copies (start, count) of its base, each time."""
    made = _number(base) + _number(size)
    for start, count in copies:
        made += b"\xff" + start.to_bytes(4, "little") + count.to_bytes(3, "little")
    return made


def write(folder: Path, objects: Sequence[Packed], offsets: Mapping[str, int] | None = None) -> Path:
    """A pack and its index in a folder of packs; `offsets` replaces what the index says of an id."""
    content, places, by_id = bytearray(b"PACK" + struct.pack(">II", 2, len(objects))), [], {}
    for one in objects:
        places.append(len(content))
        by_id[one.id] = len(content)
        content += _head(one.kind, len(one.data) if one.size is None else one.size)
        if one.kind == OFFSET_DELTA:
            assert isinstance(one.base, int)
            content += _distance(places[-1] - places[one.base])
        if one.kind == ID_DELTA:
            content += bytes.fromhex(str(one.base))
        content += zlib.compress(one.data)
    content += hashlib.sha1(content).digest()
    by_id.update(offsets or {})
    names = sorted(by_id)
    counts = [sum(int(name[:2], 16) <= first for name in names) for first in range(256)]
    wide = [by_id[name] for name in names if by_id[name] >= 1 << 31]
    small = [by_id[name] if by_id[name] < 1 << 31 else 1 << 31 | wide.index(by_id[name]) for name in names]
    index = b"\xfftOc" + struct.pack(">I256I", 2, *counts) + b"".join(bytes.fromhex(name) for name in names)
    index += bytes(4 * len(names)) + struct.pack(f">{len(small)}I{len(wide)}Q", *small, *wide)
    index += bytes(content[-20:])
    folder.mkdir(parents=True, exist_ok=True)
    name = f"pack-{hashlib.sha1(index).hexdigest()}"
    (folder / f"{name}.idx").write_bytes(index + hashlib.sha1(index).digest())
    (folder / f"{name}.pack").write_bytes(content)
    return folder / f"{name}.pack"


def _number(value: int) -> bytes:
    made = bytearray()
    while value >= 0x80:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*made, value])


def _head(kind: int, size: int) -> bytes:
    first, rest = kind << 4 | size & 15, size >> 4
    return bytes([first | 0x80]) + _number(rest) if rest else bytes([first])


def _distance(value: int) -> bytes:
    made = [value & 0x7F]
    while value := value >> 7:
        value -= 1
        made.insert(0, value & 0x7F | 0x80)
    return bytes(made)
