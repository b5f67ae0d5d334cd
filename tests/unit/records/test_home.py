"""Where things lie, and whom a home is open to."""

import os
import shlex
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from incident.errors import BadInput, Unavailable
from tools.records import home


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"SUTURE_HOME": "/srv/s", "XDG_STATE_HOME": "/x", "HOME": "/h"}, "/srv/s"),
        ({"XDG_STATE_HOME": "/x", "HOME": "/h"}, "/x/suture"),
        ({"XDG_STATE_HOME": "relative", "HOME": "/h"}, "/h/.local/state/suture"),
        ({"XDG_STATE_HOME": "", "HOME": "/h"}, "/h/.local/state/suture"),
        ({"SUTURE_HOME": "", "HOME": "/h"}, "/h/.local/state/suture"),
    ],
)
def test_the_default_follows_the_environment(environment: dict[str, str], expected: str) -> None:
    assert home.default(environment) == Path(expected)


@pytest.mark.parametrize("environment", [{}, {"HOME": ""}, {"HOME": "relative"}])
def test_without_any_home_a_sentence_says_what_to_set(environment: dict[str, str]) -> None:
    with pytest.raises(BadInput, match="set SUTURE_HOME"):
        home.default(environment)


def test_everything_is_private_and_laying_out_again_is_harmless(tmp_path: Path) -> None:
    place = home.lay_out(tmp_path / "deep" / "home")
    assert home.lay_out(tmp_path / "deep" / "home") == place
    folders = [place.root, *(path for path in place.root.iterdir() if path.is_dir())]
    assert len(folders) == 4
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}


def test_all_files_lie_below_the_root_and_apart_from_each_other(tmp_path: Path) -> None:
    place = home.Home(root=tmp_path)
    paths = [getattr(place, name) for name, found in vars(home.Home).items() if isinstance(found, property)]
    assert len(paths) == 11
    assert len(set(paths)) == len(paths)
    assert all(path.is_relative_to(tmp_path) for path in paths)


def test_an_empty_open_folder_is_closed(tmp_path: Path) -> None:
    root = tmp_path / "home"
    root.mkdir(mode=0o755)
    root.chmod(0o755)
    home.lay_out(root)
    assert stat.S_IMODE(root.stat().st_mode) == 0o700


def test_a_folder_that_holds_other_things_is_refused_and_left_alone(tmp_path: Path) -> None:
    root = tmp_path / "home"
    for mode in (0o755, 0o700):
        root.mkdir(exist_ok=True)
        root.chmod(mode)
        (root / "letter").write_text("x")
        with pytest.raises(BadInput, match="holds other things") as refused:
            home.lay_out(root)
        assert stat.S_IMODE(root.stat().st_mode) == mode
        assert [path.name for path in root.iterdir()] == ["letter"]
        _does_what_it_says(refused.value, tmp_path)


def test_a_home_that_others_may_read_is_refused_until_it_is_closed(tmp_path: Path) -> None:
    root = home.lay_out(tmp_path / "home").root
    root.chmod(0o755)
    with pytest.raises(BadInput, match=f"chmod 700 {root}$"):
        home.lay_out(root)
    root.chmod(0o700)
    home.lay_out(root)


@pytest.mark.parametrize("mode", [0o1777, 0o777, 0o1700, 0o1770])
@pytest.mark.parametrize("full", [False, True])
def test_a_folder_that_others_share_is_refused_and_left_alone(tmp_path: Path, mode: int, full: bool) -> None:
    """Closing ``/tmp`` would stop the machine for everybody else, also when nothing lies in it just now."""
    root = tmp_path / "shared"
    root.mkdir()
    root.chmod(mode)
    if full:
        (root / "keys").mkdir()
        (root / "incidents").mkdir()
    with pytest.raises(BadInput, match="shared with others") as refused:
        home.lay_out(root)
    assert stat.S_IMODE(root.stat().st_mode) == mode
    assert "chmod" not in str(refused.value)
    assert len(list(root.iterdir())) == 2 * full


@pytest.mark.parametrize(
    "folder", ["/", "/tmp", "/var/tmp", "/home", "/etc", "/tmp/", "/tmp/../tmp", "/proc/self/root/tmp"]
)
def test_the_systems_own_folders_are_refused_whatever_their_mode(folder: str) -> None:
    before = Path(folder).stat().st_mode
    with pytest.raises(BadInput) as refused:
        home.lay_out(Path(folder))
    assert Path(folder).stat().st_mode == before
    assert "chmod" not in str(refused.value)
    assert "export SUTURE_HOME=" in str(refused.value)


def test_control_a_folder_of_our_own_in_a_shared_one_is_a_home(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    with pytest.raises(BadInput) as refused:
        home.lay_out(shared)
    _does_what_it_says(refused.value, tmp_path)


def _does_what_it_says(refused: BadInput, folder: Path) -> None:
    """Do what the command of the sentence does, and lay out what it names."""
    words = shlex.split(str(refused).partition("below it: ")[2])
    made = Path(words[3])
    assert words == ["mkdir", "-m", "700", str(made), "&&", "export", f"SUTURE_HOME={made}"]
    assert made.is_relative_to(folder)
    made.mkdir(mode=0o700)
    assert home.lay_out(made).root == made
    shutil.rmtree(made)


@pytest.mark.parametrize("mode", [0o777, 0o707])
def test_a_home_that_others_could_exchange_is_refused(tmp_path: Path, mode: int) -> None:
    """Whoever may write into the folder above may rename a home, and put another one there."""
    above = tmp_path / "open"
    above.mkdir()
    home.lay_out(above / "control")
    above.chmod(mode)
    with pytest.raises(BadInput, match=f"everybody, who may write into {above}"):
        home.lay_out(above / "deep" / "home")
    with pytest.raises(BadInput, match="everybody"):
        home.lay_out(above / "control")
    above.chmod(0o1777)
    home.lay_out(above / "control")


def test_a_home_behind_somebody_elses_link_or_folder_is_refused(tmp_path: Path) -> None:
    """As root somebody else's folder is made; as anybody else root's are somebody else's enough."""
    if os.geteuid() == 0:
        theirs = tmp_path / "theirs"
        theirs.mkdir()
        os.chown(theirs, 4711, 4711)
        with pytest.raises(BadInput, match="4711, who owns"):
            home.lay_out(theirs / "home")
        with pytest.raises(BadInput, match="not yours"):
            home.lay_out(theirs)
        (tmp_path / "link").symlink_to(tmp_path)
        os.chown(tmp_path / "link", 4711, 4711, follow_symlinks=False)
        with pytest.raises(BadInput, match="4711, who owns"):
            home.lay_out(tmp_path / "link" / "home")
    else:
        with pytest.raises((BadInput, Unavailable)):
            home.lay_out(Path("/usr/share"))


def test_a_group_that_may_write_above_can_exchange_a_home_unless_it_is_our_own(tmp_path: Path) -> None:
    above = tmp_path / "group"
    above.mkdir()
    others = [gid for gid in os.getgroups() if gid not in (0, os.getegid())]
    if os.geteuid() == 0 or others:
        os.chown(above, -1, others[0] if others else 4711)
        above.chmod(0o770)
        with pytest.raises(BadInput, match=r"the group .* may write into"):
            home.lay_out(above / "home")
    above.chmod(0o700)
    home.lay_out(above / "home")


def test_a_link_is_no_home(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(BadInput, match="it is a link"):
        home.lay_out(tmp_path / "link")


def test_a_file_in_the_way_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises((BadInput, Unavailable)):
        home.lay_out(tmp_path / "file")
    with pytest.raises(Unavailable):
        home.lay_out(tmp_path / "file" / "below")


def test_an_incidents_folder_is_named_by_its_id(tmp_path: Path) -> None:
    assert home.Home(root=tmp_path).incident("inc-1") == tmp_path / "incidents" / "inc-1"
    with pytest.raises(BadInput):
        home.Home(root=tmp_path).incident("../x")


@pytest.mark.parametrize("mode", [0o777, 0o1777])
def test_the_command_in_a_refusal_works(tmp_path: Path, mode: int) -> None:
    """Below a folder in which everybody may rename, nothing is ours; and a shell must read a blank as it is meant."""
    folder = tmp_path / "of all"
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(BadInput) as refused:
        home.lay_out(folder)
    command = str(refused.value).partition(": mkdir")[2]
    own = tmp_path / "own"
    own.mkdir(mode=0o700)
    said = subprocess.run(
        ["sh", "-ec", f'mkdir{command} >/dev/null; printf %s "$SUTURE_HOME"'],
        env={"HOME": str(own), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    assert home.lay_out(Path(said.stdout)).root.parent == (own if mode == 0o777 else folder)
