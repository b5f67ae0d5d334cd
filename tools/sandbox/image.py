"""Unpacks an image of an OCI layout folder into a root file system, once for each digest.

Formats: https://github.com/opencontainers/image-spec (image-layout, manifest, layer).  An image is somebody else's
data: each blob is checked against its digest, nothing is written through a link or outside of the folder, and what is
neither file, folder nor link is refused, as is more than the bounds.  Owners and set-user-id bits are not taken over, and
everything can be read by everybody: the sandbox runs it as a user of its own.
"""

import contextlib
import gzip
import hashlib
import json
import os
import re
import secrets
import shutil
import stat
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from pydantic import JsonValue

from incident.errors import Refused, Unavailable
from tools import ports

MAX_BYTES = 2 << 30
"""Bytes of all files of an image, unpacked."""

MAX_ENTRIES = 200_000
"""Files, folders and links of all its layers; a distribution with a Python environment has 30,000."""

MAX_DOCUMENT = 4 << 20
"""Bytes of an index or a manifest."""

_MANIFESTS = ("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json")
_LAYERS = {
    "application/vnd.oci.image.layer.v1.tar": False,
    "application/vnd.oci.image.layer.v1.tar+gzip": True,
    "application/vnd.docker.image.rootfs.diff.tar.gzip": True,
}
"""Media types of layers that are read, and whether they are compressed."""

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_HIDDEN, _OPAQUE = ".wh.", ".wh..wh..opq"


def unpacked(image: ports.Image, shelf: Path) -> Path:
    """The image's root file system below the shelf, unpacked unless it is there.  Raises Refused, Unavailable."""
    place = shelf / image.id.replace(":", "-")
    try:
        _shelf(shelf)
        if place.is_dir():
            return place
        fresh = shelf / f"new-{secrets.token_hex(8)}"
        _made(fresh)
        try:
            _unpack(Path(image.layout), image.id, fresh)
            # A rename, so that nobody runs an image that is half unpacked.
            fresh.rename(place)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    except OSError as error:
        if place.is_dir():  # another process was faster
            return place
        raise Unavailable(f"the image {image.id[:19]} cannot be unpacked: {error.strerror}") from error
    return place


def _shelf(shelf: Path) -> None:
    """Make the folder of unpacked images.  Raises Refused for one that others may have filled, OSError."""
    with contextlib.suppress(FileExistsError):
        _made(shelf)
    found = shelf.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise Refused(f"{shelf} is no folder that only its owner, user {os.geteuid()}, may write")


def _unpack(layout: Path, digest: str, root: Path) -> None:
    manifest = _document(layout, digest, root.parent)
    if manifest.get("mediaType", _MANIFESTS[0]) not in _MANIFESTS:
        raise Refused("the digest names no manifest of one image: name that of the platform which runs here")
    layers = manifest.get("layers")
    if not isinstance(layers, list) or not layers:
        raise Refused("the image's manifest names no layers")
    target = _Root(root)
    for layer in layers:
        kind = layer.get("mediaType") if isinstance(layer, dict) else None
        if not isinstance(layer, dict) or kind not in _LAYERS:
            raise Refused(f"a layer of the image has the media type {str(kind)[:80]!r}, which is not read")
        with _blob(layout, str(layer.get("digest")), root.parent) as blob:
            target.apply(blob, packed=_LAYERS[str(kind)])


def _document(layout: Path, digest: str, room: Path) -> dict[str, JsonValue]:
    with _blob(layout, digest, room) as blob:
        content = blob.read(MAX_DOCUMENT + 1)
    try:
        found = json.loads(content) if len(content) <= MAX_DOCUMENT else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Refused(f"the blob {digest[:19]} is no manifest")
    return found


@contextlib.contextmanager
def _blob(layout: Path, digest: str, room: Path) -> Iterator[IO[bytes]]:
    """A blob, which has been checked against its digest.  Raises Refused, Unavailable."""
    if not _DIGEST.fullmatch(digest):
        raise Refused(f"{digest[:80]!r} is no digest of the form sha256:64 hexadecimal digits")
    path = layout / "blobs" / "sha256" / digest.removeprefix("sha256:")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise Unavailable(f"the layout {layout} lacks the blob {digest[:19]} ({error.strerror})") from error
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Refused(f"the blob {digest[:19]} is no regular file")
        # Copied while it is summed: its owner could change it between the check and the use.
        with tempfile.TemporaryFile(dir=room) as held:
            summed, size = hashlib.sha256(), 0
            while part := file.read(1 << 20):
                summed.update(part)
                size += len(part)
                if size > MAX_BYTES:
                    raise Refused(f"the blob {digest[:19]} has more than {MAX_BYTES} bytes")
                held.write(part)
            if f"sha256:{summed.hexdigest()}" != digest:
                raise Refused(f"the blob {digest[:19]} does not have the digest that names it")
            held.seek(0)
            yield held


class _Root:
    """A root file system while layers are laid over each other."""

    def __init__(self, root: Path) -> None:
        self._root, self._bytes, self._entries = root, 0, 0

    def apply(self, blob: IO[bytes], *, packed: bool) -> None:
        """Lay one layer over what is there.  Raises Refused, OSError."""
        reader: Any = gzip.GzipFile(fileobj=blob) if packed else blob
        try:
            with tarfile.open(fileobj=reader, mode="r|") as layer:
                for member in layer:
                    self._entries += 1
                    if self._entries > MAX_ENTRIES:
                        raise Refused(f"the image has more than {MAX_ENTRIES} entries")
                    self._put(layer, member)
        except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, UnicodeError) as error:
            raise Refused(f"a layer of the image is damaged ({error})") from error

    def _put(self, layer: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        place = self._place(member.name)
        if place is None:  # the root itself
            return
        name = place.name
        if name == _OPAQUE:
            _emptied(place.parent)
        elif name.startswith(_HIDDEN):
            _removed(place.parent / name.removeprefix(_HIDDEN))
        elif member.isdir():
            if place.is_symlink() or not place.is_dir():
                _removed(place)
                _made(place)
        elif member.issym():
            _removed(place)
            place.symlink_to(member.linkname)
        elif member.islnk():
            self._link(member, place)
        elif member.isreg():
            self._file(layer, member, place)
        else:
            raise Refused(f"the image holds {member.name!r}, which is neither a file, a folder nor a link")

    def _place(self, path: str) -> Path | None:
        """The place of a path below the root, whose folders are there and no links.  Raises Refused."""
        parts = [part for part in path.split("/") if part not in ("", ".")]
        if path.startswith("/") or ".." in parts or "\0" in path:
            raise Refused(f"the image holds the path {path[:80]!r}, which leaves it")
        here = self._root
        for part in parts[:-1]:
            here /= part
            if here.is_symlink() or (here.exists() and not here.is_dir()):
                raise Refused(f"the image holds {path[:80]!r} behind a link or a file")
            if not here.exists():
                _made(here)
        return here / parts[-1] if parts else None

    def _link(self, member: tarfile.TarInfo, place: Path) -> None:
        source = self._place(member.linkname)
        if source is None or source.is_symlink() or not source.is_file():
            raise Refused(f"the image holds the hard link {member.name[:80]!r} to what is no file of it")
        _removed(place)
        os.link(source, place, follow_symlinks=False)

    def _file(self, layer: tarfile.TarFile, member: tarfile.TarInfo, place: Path) -> None:
        # By the size in its header, before a byte of it is unpacked.
        self._bytes += member.size
        if self._bytes > MAX_BYTES:
            raise Refused(f"the image has more than {MAX_BYTES} bytes")
        content = layer.extractfile(member)
        if content is None:
            raise Refused(f"the image holds {member.name[:80]!r} without its content")
        _removed(place)
        mode = 0o755 if member.mode & stat.S_IXUSR else 0o644
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, mode)  # whatever the umask is
            shutil.copyfileobj(content, file)


def _made(folder: Path) -> None:
    """Make a folder that everybody may read, whatever the umask is."""
    folder.mkdir()
    folder.chmod(0o755)


def _removed(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


def _emptied(folder: Path) -> None:
    for inner in folder.iterdir():
        _removed(inner)
