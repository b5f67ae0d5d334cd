"""The sandbox's pure parts: rooms, the command line, the archive, control groups on a folder of plain files."""

import io
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident.errors import Refused, Unavailable
from tests.unit.proof.specs import spec
from tools.sandbox import archive, cgroup, confine, launch
from tools.sandbox.spec import dumped, loaded


def line(**changed: object) -> list[str]:
    """The command line; every folder of the host is shown somewhere below ``/stage``."""
    made = spec(**changed)
    shown = {path: f"/stage{path}" for path in confine.folders(made)}
    data = {"/etc/hosts": 30, "/dev/zero": 35}
    return confine.argv(made, shown=shown, data=data, settings_fd=34, filter_fd=31, info_fd=32, block_fd=33)


@settings(deadline=None)
@given(disk=st.integers(1 << 20, 1 << 40))
def test_the_rooms_never_add_up_to_more_than_the_disk_limit(disk: int) -> None:
    rooms = spec(disk=disk).rooms
    assert 0 < sum(rooms.values()) <= disk
    assert all(size > 0 and size % 4096 == 0 for size in rooms.values())


def test_everything_is_unshared_and_nothing_of_the_host_is_writable() -> None:
    found = line(mounts=("/srv/env",))
    assert {"--unshare-all", "--die-with-parent", "--new-session", "--clearenv"} < set(found)
    assert "--bind" not in found
    assert "--share-net" not in found
    before, _, command = " ".join(found).partition(" -- ")
    assert "--ro-bind /stage/srv/env /srv/env" in before
    assert {found[at + 1][:6] for at, word in enumerate(found) if word == "--ro-bind"} == {"/stage"}
    assert command.startswith("/bin/sh -c")


@pytest.mark.parametrize("place", ["/tree", "/srv/app", "/tmp/lab/v1"])
def test_the_tree_is_mounted_after_what_it_may_lie_in_and_before_what_may_lie_in_it(place: str) -> None:
    found = line(place=place, mounts=(f"{place}/env",))
    assert found.index("/tmp") < found.index(place) or place == "/tree"
    assert found.index(place) < found.index(f"{place}/env")
    assert found[found.index("--chdir") + 1] == place


def test_the_root_is_closed_after_everything_was_mounted() -> None:
    found = line(mounts=("/srv/env",))
    closed = max(at for at, word in enumerate(found) if word == "--remount-ro")
    assert found[closed + 1] == "/"
    assert closed > max(at for at, word in enumerate(found) if word in ("--ro-bind", "--tmpfs", "--ro-bind-data"))


def test_nothing_is_expected_to_be_mounted_but_what_was_asked_for() -> None:
    found = confine.points(spec(mounts=("/srv/env",)))
    assert {"/", "/usr", "/srv/env", "/tree", "/dev/shm", "/proc", "/etc/hosts", "/dev/null"} < found
    assert not {"/srv", "/etc", "/home", "/run", "/sys"} & found
    assert confine.points(spec()) == found - {"/srv/env"}


def test_memory_cannot_be_shared_through_a_device_and_there_are_no_terminals() -> None:
    found = " ".join(line())
    assert "--perms 0000 --ro-bind-data 35 /dev/zero" in found
    assert "--size 4096 --tmpfs /dev/pts" in found
    assert "--remount-ro /dev/pts" in found


@settings(deadline=None)
@given(folders=st.lists(st.tuples(st.integers(0), st.integers(0))), owners=st.lists(st.integers(0)))
def test_a_spec_comes_out_of_the_keepers_input_as_it_went_in(folders: list[tuple[int, int]], owners: list[int]) -> None:
    made = spec(mounts=("/a", "/b"), private=tuple(folders), above=tuple(folders[:1]), owners=tuple(owners))
    assert loaded(dumped(made)) == made


def test_the_systems_own_prefix_does_not_bring_local_programs_back() -> None:
    assert line(mounts=("/usr",)) == line()


def test_the_command_is_passed_as_words_and_never_as_shell_text() -> None:
    found = line(argv=("/bin/echo", "; rm -rf / $(id)"))
    assert found[-2:] == ["/bin/echo", "; rm -rf / $(id)"]
    assert "rm -rf" not in found[found.index("-c") + 1]


def test_bubblewrap_itself_is_started_from_where_it_is_shown() -> None:
    """The sandbox's first process shows its own program; on the host's file a lock would be seen by others."""
    assert confine.program(spec(), {"/usr": "/stage/0"}) == "/stage/0/bin/bwrap"
    assert confine.program(spec(program="/opt/bwrap"), {"/usr": "/stage/0"}) == "/opt/bwrap"


def test_the_services_variables_win_over_the_defaults() -> None:
    found = confine.settings(spec(environment={"LANG": "de_DE.UTF-8", "A": "b"})).split(b"\0")
    at = found.index(b"LANG")
    assert found[at - 1 : at + 2] == [b"--setenv", b"LANG", b"de_DE.UTF-8"]
    assert found.count(b"LANG") == 1


def test_the_services_variables_stand_on_no_command_line() -> None:
    """Every user of the host can read command lines, and such variables hold passwords."""
    assert not any("s3cret" in word for word in line(environment={"PASSWORD": "s3cret"}))


@pytest.mark.parametrize("environment", [{"A": "b\0--bind\0/"}, {"A\0": "b"}])
def test_a_variable_cannot_bring_an_option(environment: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="null"):
        confine.settings(spec(environment=environment))


def members(packed: bytes) -> dict[str, bytes | str]:
    found: dict[str, bytes | str] = {}
    with tarfile.open(fileobj=io.BytesIO(packed)) as held:
        for member in held:
            file = held.extractfile(member) if member.isfile() else None
            found[member.name] = file.read() if file else member.linkname
    return found


def test_an_archive_holds_the_tree_with_the_files_over_it(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "b").write_text("b")
    (tmp_path / "link").symlink_to("a")
    packed = archive.pack(tmp_path, {"a": "new", "more/c": "c"}, 1 << 20)
    assert members(packed) == {"a": b"new", "pkg/b": b"b", "link": "a", "more/c": b"c"}
    assert packed == archive.pack(tmp_path, {"a": "new", "more/c": "c"}, 1 << 20)


def test_a_program_of_ours_holds_its_files_and_nothing_else() -> None:
    packed = archive.program({"__main__.py": "print(1)\n", "a/b.py": "x"})
    with zipfile.ZipFile(io.BytesIO(packed)) as held:
        assert {name: held.read(name) for name in held.namelist()} == {"__main__.py": b"print(1)\n", "a/b.py": b"x"}
    assert packed == archive.program({"a/b.py": "x", "__main__.py": "print(1)\n"})


@pytest.mark.parametrize("name", [".git", "__pycache__", ".venv"])
def test_history_caches_and_environments_stay_out(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "x").write_text("x")
    (tmp_path / "kept").write_text("x")
    assert set(members(archive.pack(tmp_path, {}, 1 << 20))) == {"kept"}


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a/../../x", ""])
def test_a_file_that_leaves_the_work_folder_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(Refused):
        archive.pack(tmp_path, {path: "x"}, 1 << 20)


def test_a_tree_that_is_no_folder_may_be_there_again(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="no folder here") as refusal:
        archive.pack(tmp_path / "nowhere", {}, 1 << 20)
    assert not isinstance(refusal.value, Refused)


@pytest.mark.parametrize(
    ("said", "lasting"),
    [
        ("bwrap: No permissions to create new namespace\n", True),
        ("bwrap: Unknown option --size\nmore", True),
        ("bwrap: Creating new namespace failed: Resource temporarily unavailable", False),
        ("bwrap: Can't mkdir /tree: No space left on device", False),
        ("", False),
        (" \n", False),
    ],
)
def test_what_bubblewrap_says_tells_whether_asking_again_may_help(said: str, lasting: bool) -> None:
    found = launch.complaint(said)
    assert isinstance(found, launch.Refusal if lasting else launch.NotNow)
    assert str(found) in (said.splitlines()[:1] or ["bubblewrap did not start"]) or not said.strip()


@settings(deadline=None)
@given(sizes=st.lists(st.integers(0, 9000), max_size=6))
def test_an_archive_that_is_accepted_fits_block_by_block(
    sizes: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("t")
    for number, size in enumerate(sizes):
        (folder / str(number)).write_bytes(b"x" * size)
    blocks = sum(max(1, -(-size // 4096)) for size in sizes) * 4096
    archive.pack(folder, {}, blocks)
    if sizes:
        with pytest.raises(Refused):
            archive.pack(folder, {}, blocks - 1)


def group(folder: Path, version: int = 2) -> cgroup.Group:
    return cgroup.Group(version, {"memory": folder, "pids": folder})


def test_limits_are_written_and_read_back(tmp_path: Path) -> None:
    for name in ("memory.max", "pids.max", "memory.swap.max"):
        (tmp_path / name).write_text("max")
    group(tmp_path).limit(memory=1000, processes=7)
    assert (tmp_path / "memory.max").read_text() == "1000"
    assert (tmp_path / "memory.swap.max").read_text() == "0"
    assert (tmp_path / "pids.max").read_text() == "7"


def test_a_limit_that_does_not_stick_is_refused(tmp_path: Path) -> None:
    (tmp_path / "memory.max").symlink_to("/dev/null")  # takes every write and keeps nothing
    (tmp_path / "pids.max").write_text("max")
    with pytest.raises(cgroup.Refused, match="instead of 1000"):
        group(tmp_path).limit(memory=1000, processes=7)


def test_killed_for_memory_is_read_from_the_kernels_count(tmp_path: Path) -> None:
    assert not group(tmp_path).killed_for_memory()
    (tmp_path / "memory.events").write_text("oom 1\noom_kill 0\n")
    assert not group(tmp_path).killed_for_memory()
    (tmp_path / "memory.events").write_text("oom 1\noom_kill 2\n")
    assert group(tmp_path).killed_for_memory()


MOUNTS = """30 20 0:26 / {root}/unified rw - cgroup2 cgroup2 rw
31 20 0:27 / {root}/memory rw - cgroup cgroup rw,memory
32 20 0:28 / {root}/pids rw - cgroup cgroup rw,pids
"""


def test_version_one_is_taken_when_both_controllers_are_there_and_groups_can_be_made(tmp_path: Path) -> None:
    """Folders of plain files have no limits in them, so making a group on them is refused with the reason."""
    for name in ("unified", "memory/mine", "pids"):
        (tmp_path / name).mkdir(parents=True)
    own = "8:pids:/\n4:memory:/mine\n0::/\n"
    with pytest.raises(cgroup.Refused, match="does not delegate"):
        cgroup.make(1, 2, MOUNTS.format(root=tmp_path), own)
    assert not list(tmp_path.glob(f"**/{cgroup.PREFIX}*"))


def test_nothing_mounted_is_refused() -> None:
    with pytest.raises(cgroup.Refused, match="no memory and pids controllers"):
        cgroup.make(1, 2, "", "")


def test_a_process_that_is_gone_has_no_start_time() -> None:
    assert cgroup.started(2**22 + 1) == ""
    assert cgroup.started(1).isdigit()
