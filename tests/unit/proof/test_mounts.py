"""Which folders may be mounted.  Control of every refusal: the same folder is opened without what speaks against it."""

import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.proof.specs import spec
from tools.sandbox import mounts, private


@pytest.fixture
def env() -> Iterator[Path]:
    """An environment in a place that everybody may walk to; pytest's own folders are private."""
    place = Path(tempfile.mkdtemp(dir="/var/tmp", prefix="suture-unit-"))
    folder = place / "srv" / "env"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python3").symlink_to("/usr/bin/python3")
    for one in (place, place / "srv", folder):
        one.chmod(0o755)
    yield folder
    shutil.rmtree(place)


def opened(path: str | Path, **changed: object) -> os.stat_result:
    """What was opened, by its status."""
    here = mounts.opened(str(path), spec(**{"owners": (0, os.geteuid()), **changed}))
    try:
        return os.fstat(here)
    finally:
        os.close(here)


def identity(path: str | Path) -> tuple[int, int]:
    found = Path(path).stat()
    return found.st_dev, found.st_ino


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_an_environment_is_opened_as_the_folder_that_it_is(env: Path) -> None:
    assert os.path.samestat(opened(env), env.stat())


def test_a_folder_of_python_modules_may_be_mounted_and_one_of_data_may_not(env: Path) -> None:
    shutil.rmtree(env / "bin")
    with pytest.raises(mounts.NotAllowed, match="neither an interpreter"):
        opened(env)
    (env / "requests-2.0.dist-info").mkdir()
    assert opened(env)


@pytest.mark.parametrize(
    "way",
    [
        "/{}",
        "{}/",
        "{}//bin/..",
        "{}/.",
        "{}/../env",
        "{}/bin/..",
        "/proc/self/root{}",
        "/proc/thread-self/root{}",
        "/dev/fd/../../../..{}",
        "relative",
        "",
        "/",
    ],
)
def test_a_path_that_is_not_written_plainly_is_refused(env: Path, way: str) -> None:
    path = way.format(str(env))
    assert path == "relative" or not path or Path(path).is_dir()
    with pytest.raises(mounts.NotAllowed):
        opened(path)


def test_a_link_is_not_followed_wherever_it_is(env: Path) -> None:
    (env.parent / "last").symlink_to(env)
    (env.parent.parent / "first").symlink_to(env.parent)
    for way in (env.parent / "last", env.parent.parent / "first" / "env"):
        with pytest.raises(mounts.NotAllowed, match="is a link"):
            opened(way)


def test_a_bin_that_is_a_link_holds_no_interpreter(env: Path) -> None:
    shutil.rmtree(env / "bin")
    (env / "bin").symlink_to("/usr/bin")
    with pytest.raises(mounts.NotAllowed, match="neither an interpreter"):
        opened(env)


@pytest.mark.parametrize("made", ["nothing", "a file", "a pipe"])
def test_what_is_no_folder_is_refused(env: Path, made: str) -> None:
    path = env / "made"
    if made == "a file":
        path.touch()
    if made == "a pipe":
        os.mkfifo(path)
    with pytest.raises(mounts.NotAllowed, match="no folder here"):
        opened(path)


@pytest.mark.parametrize("name", ["srv/env", "srv", "."])
def test_a_folder_that_others_can_change_is_refused_on_the_whole_way(env: Path, name: str) -> None:
    """Whoever can write the folder above can put another one in its place."""
    folder = env.parent.parent / name
    for mode in (0o777, 0o757):
        folder.chmod(mode)
        with pytest.raises(mounts.NotAllowed, match="others can change"):
            opened(env)
    folder.chmod(0o755)
    assert opened(env)


def test_a_sticky_folder_may_be_on_the_way_and_is_no_mount(env: Path) -> None:
    """As ``/tmp`` is: there nobody can move away what is not his."""
    env.parent.chmod(0o1777)
    assert opened(env)
    env.chmod(0o1777)
    with pytest.raises(mounts.NotAllowed, match="others can change"):
        opened(env)


def test_a_group_may_write_when_only_trusted_users_are_in_it(env: Path) -> None:
    group = pwd.getpwnam("nobody").pw_gid
    everybody = {user.pw_uid for user in pwd.getpwall()}
    assert mounts.only_of(everybody, group)
    assert not mounts.only_of(everybody - {pwd.getpwnam("nobody").pw_uid}, group)
    assert not mounts.only_of(everybody, 2**31 - 5), "a group that has no name may be anybody's"
    env.chmod(0o775)
    alone = mounts.only_of((0, os.geteuid()), os.getegid())
    if not alone:
        with pytest.raises(mounts.NotAllowed, match="others can change"):
            opened(env)
    assert opened(env, owners=tuple(everybody))


def test_a_folder_of_somebody_else_is_refused(env: Path) -> None:
    """The system's own folders are somebody else's to a spec that does not trust root."""
    assert opened(env)
    with pytest.raises(mounts.NotAllowed, match="belongs to user 0"):
        opened(env, owners=(12345,))


@pytest.mark.parametrize("name", ["srv/env", "srv"])
def test_a_folder_that_not_everybody_may_read_is_refused_for_every_user(env: Path, name: str) -> None:
    (env.parent.parent / name).chmod(0o750)
    with pytest.raises(mounts.NotAllowed, match="not readable"):
        opened(env)


def test_what_is_private_is_refused_by_whatever_name(env: Path) -> None:
    """Itself, what lies in it, and what holds it; a folder beside it may be mounted."""
    for folder, refused in ((env, True), (env.parent, True), (env / "lib", True), (env.parent / "beside", False)):
        folder.mkdir(exist_ok=True)
        found = private.folders(folder, (0, os.geteuid()))
        rules = {"private": found.private, "above": found.above}
        if refused:
            with pytest.raises(mounts.NotAllowed, match="private"):
                opened(env, **rules)
        else:
            assert opened(env, **rules)


def test_in_a_home_only_an_interpreters_own_folder_may_be_mounted(env: Path) -> None:
    """A home has scripts among everything else that is in it."""
    (env / "script.py").touch()
    home = {"homes": (identity(env.parent),)}
    assert opened(env, **home)
    shutil.rmtree(env / "bin")
    assert opened(env)
    with pytest.raises(mounts.NotAllowed, match="outside of homes"):
        opened(env, **home)


@pytest.mark.parametrize("way", ["{}\0/etc", "{}\n", "{}\udcff", "{}/\ud800"])
def test_a_path_with_signs_that_nobody_sees_is_refused(env: Path, way: str) -> None:
    with pytest.raises(mounts.NotAllowed, match="normalised"):
        opened(way.format(env))


@pytest.mark.parametrize("folder", ["/", "/etc", "/proc", "/sys", "/dev", "/run", "/boot", "/home", "/root"])
def test_the_systems_folders_and_homes_are_private(env: Path, folder: str) -> None:
    found = private.folders(Path("/nowhere/state"), (0, os.geteuid()))
    if Path(folder).is_dir():
        assert identity(folder) in {*found.private, *found.above}
    assert identity(env) not in {*found.private, *found.above}


def test_the_home_of_another_is_private_and_our_own_may_hold_environments() -> None:
    ours = pwd.getpwuid(os.geteuid())
    home = identity(ours.pw_dir)
    trusted, strange = (private.folders(Path("/nowhere"), owners) for owners in ((0, ours.pw_uid), (0,)))
    assert home in trusted.above
    assert home in trusted.homes
    assert home not in trusted.private
    if ours.pw_uid:
        assert home in strange.private


def test_a_folder_of_the_kernels_own_is_no_disk(env: Path) -> None:
    """Even where no name tells it: the same folder is found through another one that is mounted elsewhere."""
    assert opened(env)
    with pytest.raises(mounts.NotAllowed, match="kind proc"):
        opened("/proc/sys/kernel", owners=(0, os.geteuid()))


def test_what_only_its_owner_may_read_is_found_below_an_environment(env: Path) -> None:
    """As an ordinary user the sandbox has our own number, and nothing else would keep it from there."""
    (env / "lib" / "deep").mkdir(parents=True)
    (env / "lib" / "deep" / "code.py").touch(mode=0o644)
    (env / "lib" / "gone").symlink_to("/root/.ssh")
    here = mounts.opened(str(env), spec(owners=(0, os.geteuid())))
    assert mounts.closed(here, str(env)) == ""
    (env / "lib" / "deep" / "code.py").chmod(0o640)
    assert mounts.closed(here, str(env)) == f"{env}/lib/deep/code.py"
    (env / "lib" / "deep" / "code.py").chmod(0o644)
    (env / "lib").chmod(0o711)
    assert mounts.closed(here, str(env)) == f"{env}/lib"
    os.close(here)


def test_no_descriptor_stays_open_when_a_mount_is_refused(env: Path) -> None:
    before = descriptors()
    for path in (f"{env}/nothing", "/proc/sys/kernel", "/", str(env.parent)):
        with pytest.raises(mounts.NotAllowed):
            opened(path)
    assert descriptors() == before
