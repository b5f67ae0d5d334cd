"""What an image may hold, and where unpacking it may write."""

import contextlib
import os
import tarfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incident.errors import Refused, Unavailable
from tests.integration.sandbox.images import LAYER, blob, image, layer, member
from tools import ports
from tools.sandbox import image as images


def unpacked(folder: Path, *layers: bytes, kind: str = LAYER) -> Path:
    return images.unpacked(image(folder / "layout", layers, kind), folder / "shelf")


def found(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*")}


def test_layers_lie_over_each_other(tmp_path: Path) -> None:
    below = layer(member("a/kept", b"1"), member("a/gone", b"1"), member("b/all", b"1"), member("c", b"1"))
    above = layer(member("a/.wh.gone"), member("b/.wh..wh..opq"), member("b/new", b"2"), member("c/d", b"2"))
    with pytest.raises(Refused, match="behind a link or a file"):
        unpacked(tmp_path / "file", below, above)
    root = unpacked(tmp_path / "well", below, layer(member("a/.wh.gone"), member("b/.wh..wh..opq"), member("b/new")))
    assert found(root) == {"a", "a/kept", "b", "b/new", "c"}


def test_everybody_may_read_it_and_nobody_gains_by_it(tmp_path: Path) -> None:
    old = os.umask(0o077)
    try:
        root = unpacked(tmp_path, layer(member("bin/su", b"x", mode=0o4700, uid=0), member("etc/shadow", b"x", mode=0)))
    finally:
        os.umask(old)
    assert {path.stat().st_mode & 0o7777 for path in (root / "bin/su", root / "bin", root)} == {0o755}
    assert (root / "etc/shadow").stat().st_mode & 0o7777 == 0o644


def test_links_and_hard_links_stay_what_they_are(tmp_path: Path) -> None:
    root = unpacked(
        tmp_path,
        layer(
            member("f", b"x"),
            member("hard", None, type=tarfile.LNKTYPE, linkname="f"),
            member("soft", None, type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        ),
    )
    assert (root / "hard").samefile(root / "f")
    assert (root / "soft").readlink() == Path("/etc/passwd")


@pytest.mark.parametrize(
    "members",
    [
        (member("../out"),),
        (member("/out"),),
        (member("a/../../out"),),
        (member("l", None, type=tarfile.SYMTYPE, linkname=".."), member("l/out")),
        (member("l", None, type=tarfile.SYMTYPE, linkname="/tmp"), member("l/out")),
        (member("h", None, type=tarfile.LNKTYPE, linkname="/etc/passwd"),),
        (member("h", None, type=tarfile.LNKTYPE, linkname="../../layout/index.json"),),
        (
            member("s", None, type=tarfile.SYMTYPE, linkname="/etc/passwd"),
            member("h", None, type=tarfile.LNKTYPE, linkname="s"),
        ),
        (member("d", None, type=tarfile.CHRTYPE, devmajor=1, devminor=3),),
        (member("d", None, type=tarfile.BLKTYPE, devmajor=8, devminor=0),),
        (member("p", None, type=tarfile.FIFOTYPE),),
    ],
    ids=lambda members: " ".join(f"{entry.name} {entry.linkname}".strip() for entry, _ in members),
)
def test_what_leaves_the_image_or_is_no_file_is_refused(tmp_path: Path, members: tuple[object, ...]) -> None:
    with pytest.raises(Refused):
        unpacked(tmp_path, layer(*members))  # type: ignore[arg-type]
    assert found(tmp_path / "shelf") == set()
    assert not (tmp_path / "out").exists()
    assert not Path("/tmp/out").exists()


def test_a_blob_that_is_not_what_its_digest_says_is_refused(tmp_path: Path) -> None:
    made = image(tmp_path / "layout", [layer(member("a"))])
    for path in (tmp_path / "layout/blobs/sha256").iterdir():
        path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(Refused, match="does not have the digest"):
        images.unpacked(made, tmp_path / "shelf")


def test_what_is_missing_or_of_another_kind_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="lacks the blob"):
        images.unpacked(ports.Image(layout=str(tmp_path), id="sha256:" + "0" * 64), tmp_path / "shelf")
    with pytest.raises(Refused, match="media type"):
        unpacked(tmp_path, layer(member("a")), kind="application/vnd.oci.image.layer.v1.tar+zstd")
    index = blob(tmp_path / "layout", b'{"mediaType": "application/vnd.oci.image.index.v1+json", "manifests": []}')
    with pytest.raises(Refused, match="platform"):
        images.unpacked(ports.Image(layout=str(tmp_path / "layout"), id=index), tmp_path / "shelf")


@pytest.mark.parametrize(("bound", "value"), [("MAX_BYTES", 200), ("MAX_ENTRIES", 3)])
def test_more_than_the_bounds_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str, value: int
) -> None:
    big = layer(*(member(f"{number}", b"x" * 100) for number in range(9)))
    assert len(found(unpacked(tmp_path / "control", big))) == 9
    monkeypatch.setattr(images, bound, value)
    with pytest.raises(Refused):
        unpacked(tmp_path / "refused", big)


def test_it_is_unpacked_once(tmp_path: Path) -> None:
    root = unpacked(tmp_path, layer(member("a", b"1")))
    (root / "a").write_bytes(b"2")
    assert (unpacked(tmp_path, layer(member("a", b"1"))) / "a").read_bytes() == b"2"


def test_a_shelf_of_others_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shelf").mkdir()
    (tmp_path / "shelf").chmod(0o777)
    with pytest.raises(Refused, match="may write"):
        unpacked(tmp_path, layer(member("a")))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=2000), cut=st.integers(0, 3000))
def test_any_bytes_are_an_image_or_refused(tmp_path: Path, content: bytes, cut: int) -> None:
    for given_layer in (content, layer(member("a", content))[:cut]):
        with contextlib.suppress(Refused):
            unpacked(tmp_path, given_layer)
    assert not [path for path in (tmp_path / "shelf").iterdir() if path.name.startswith("new-")]


def test_a_runtime_is_of_one_kind() -> None:
    whole = ports.Image(layout="/x", id="sha256:" + "0" * 64)
    assert ports.Runtime(kind="image", python="/bin/python3", mounts=(), environment={}, image=whole).image == whole
    for wrong in ({"kind": "image"}, {"image": whole}, {"kind": "image", "image": whole, "mounts": ("/usr",)}):
        with pytest.raises(ValueError, match="kind"):
            ports.Runtime.model_validate({"python": "p", "mounts": (), "environment": {}, **wrong})
