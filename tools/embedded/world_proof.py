"""Proof of a world's identity: it signs each answer with a secret that lies in its own folder.

A port may belong to somebody else tomorrow, and an id can be repeated by everybody who has heard it.  So a world
makes a secret when it starts, in a private folder below its own, and signs what it answers: over the challenge that
came with the request, and over the port that it listens on, so that nobody at another port can pass the challenge
on to the real world and the signature back.  Whoever can read that file is the world's user, root, or us.

The signature is HMAC-SHA256 (RFC 2104), in hexadecimal; docs/embedded-world.md says over what.
"""

import hmac
import json
import os
import secrets
import stat
from pathlib import Path

from pydantic import Field, ValidationError

from incident.errors import Unavailable
from incident.value import Value

FOLDER, FILE = "proof", "key"
"""Of the secret, below the world's folder."""

CHALLENGE, PROOF = "Suture-Challenge", "Suture-Proof"
"""Headers of a request and of its answer."""

MAX_BYTES = 4_096
"""Bytes of the secret's file."""

_OVERFLOW = 65_534
"""User id that a user namespace shows for every user that it does not know, root included."""


class Key(Value):
    """The secret of one world, as its file holds it."""

    id: str
    """Of the world that it belongs to."""
    secret: str = Field(min_length=32, max_length=256, repr=False)

    def sign(self, port: int, challenge: str, status: int, body: bytes) -> str:
        """The signature of an answer, 64 hexadecimal characters."""
        head = "\n".join(("suture-world-1", self.id, str(port), challenge, str(status), ""))
        return hmac.digest(self.secret.encode(), head.encode() + body, "sha256").hex()

    def signed(self, port: int, challenge: str, status: int, body: bytes, proof: str) -> bool:
        """True when this is the signature of that answer."""
        return hmac.compare_digest(self.sign(port, challenge, status, body).encode(), proof.encode())


def challenge() -> str:
    """A challenge that nobody has seen before."""
    return secrets.token_hex(16)


def make(folder: Path, world: str) -> Key:
    """Make the secret of a world below its folder, in the place of an older one.  Raises OSError."""
    key = Key(id=world, secret=secrets.token_hex(32))
    private = folder / FOLDER
    private.mkdir(mode=0o700, parents=True, exist_ok=True)
    private.chmod(0o700)
    new = private / f"{FILE}.{secrets.token_hex(4)}"
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(key.canonical())
    # A rename, because a healer may be reading the key of the world before.
    new.rename(private / FILE)
    return key


def read(folder: Path, world: str) -> Key:
    """The secret of the world of this id in its folder.

    Raises Unavailable when it cannot be read, or when anybody but root and this user could have written or read it.
    """
    try:
        content = _private(folder)
        key = Key.model_validate(json.loads(content))
    except (OSError, ValueError, RecursionError, ValidationError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "it holds no key"
        raise Unavailable(f"it does not prove who it is: {folder / FOLDER / FILE}: {why}") from error
    if key.id != world:
        raise Unavailable(f"it does not prove who it is: the key in {folder / FOLDER} is another world's")
    return key


def _private(folder: Path) -> bytes:
    """The file's bytes, opened step by step without following a link.  Raises OSError, ValueError."""
    # O_NONBLOCK, because opening a pipe would wait for its writer.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    outer = os.open(folder, flags | os.O_DIRECTORY)
    try:
        inner = os.open(FOLDER, flags | os.O_DIRECTORY, dir_fd=outer)
        try:
            _closed(os.fstat(inner))
            handle = os.open(FILE, flags, dir_fd=inner)
        finally:
            os.close(inner)
    finally:
        os.close(outer)
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(handle)
        _closed(found)
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1 or found.st_size > MAX_BYTES:
            raise OSError(0, "it is no plain file of its own")
        return file.read(MAX_BYTES)


def _closed(found: os.stat_result) -> None:
    """Raise OSError unless it belongs to root or this user and nobody else can look into it."""
    if found.st_uid not in (0, os.geteuid()):
        raise OSError(0, f"it belongs to user {found.st_uid}")
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise OSError(0, "others can read it (chmod 700 the folder, 600 the file)")


def believed(path: Path, folder: Path) -> bool:
    """True when what a world says about a path may be believed.

    With links resolved the path lies below the world's folder, or it belongs to root or this user.
    """
    try:
        real, root = path.resolve(), folder.resolve()
        return path.is_absolute() and (real.is_relative_to(root) or real.stat().st_uid in _owners())
    except (OSError, RuntimeError, ValueError):
        return False


def _owners() -> frozenset[int]:
    """Root and this user, as this user namespace shows them."""
    known = {0, os.geteuid()}
    mapped = Path("/proc/self/uid_map").read_text(encoding="ascii").splitlines()
    hidden = not any(int(line.split()[0]) == 0 for line in mapped if line.split())
    return frozenset(known | {_OVERFLOW} if hidden else known)
