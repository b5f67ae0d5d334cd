"""Images as OCI layout folders, made by the tests from bytes, or from files of this machine."""

import gzip
import hashlib
import io
import json
import os
import subprocess
import tarfile
from collections.abc import Iterable
from pathlib import Path

from tools import ports

LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def blob(layout: Path, content: bytes) -> str:
    """Put a blob into the layout, and return its digest."""
    name = hashlib.sha256(content).hexdigest()
    folder = layout / "blobs" / "sha256"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    return f"sha256:{name}"


def image(layout: Path, layers: Iterable[bytes], kind: str = LAYER) -> ports.Image:
    """An image of these layers (tar archives)."""
    digests = [blob(layout, gzip.compress(layer, 1, mtime=0)) for layer in layers]
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "layers": [{"mediaType": kind, "digest": digest} for digest in digests],
    }
    return ports.Image(layout=str(layout), id=blob(layout, json.dumps(manifest).encode()))


def member(name: str, content: bytes | None = b"", **fields: object) -> tuple[tarfile.TarInfo, bytes]:
    """An entry of a layer: a file with this content, or what the fields say."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content or b""), 0o644
    for field, value in fields.items():
        setattr(entry, field, value)
    return entry, content or b""


def layer(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        for entry, content in members:
            archive.addfile(entry, io.BytesIO(content))
    return held.getvalue()


def of_python(layout: Path, site: Path | None = None) -> ports.Image:
    """An image with the system's Python, its libraries and a file of its own, and neither a shell nor tar.

    With `site`, a folder of modules is in it as ``/opt/site``.
    """
    program = Path("/usr/bin/python3").resolve()
    needed = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=True).stdout
    libraries = [word for word in needed.split() if word.startswith("/")]
    library = Path(f"/usr/lib/{program.name}")
    extensions = sorted((library / "lib-dynload").glob("*.so"))
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        archive.add(program, "opt/bin/python3")
        for found in libraries:
            archive.add(os.path.realpath(found), found.lstrip("/"))
        for path in sorted(library.rglob("*.py")):
            if not {"dist-packages", "test", "idlelib"} & set(path.parts):
                archive.add(path, f"opt/lib/{program.name}/{path.relative_to(library)}")
        for path in extensions:
            archive.add(path, f"opt/lib/{program.name}/lib-dynload/{path.name}")
        if site is not None:
            archive.add(site, "opt/site")
    own = layer(
        member("etc/passwd", b"app:x:1:1::/:\n"),
        member("etc/of-the-image", b"yes"),
        member("app/old.txt", b"hidden by the tree"),
        member("bin", None, type=tarfile.SYMTYPE, linkname="opt/bin"),
    )
    return image(layout, (held.getvalue(), own))
