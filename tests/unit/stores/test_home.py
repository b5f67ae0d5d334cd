"""Where things lie, and whom a home is open to."""

import stat
from pathlib import Path

import pytest

from incident.errors import BadInput, Unavailable
from tools.stores import home


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
    assert len(paths) == 10
    assert len(set(paths)) == len(paths)
    assert all(path.is_relative_to(tmp_path) for path in paths)


def test_an_empty_open_folder_is_closed(tmp_path: Path) -> None:
    root = tmp_path / "home"
    root.mkdir(mode=0o755)
    root.chmod(0o755)
    home.lay_out(root)
    assert stat.S_IMODE(root.stat().st_mode) == 0o700


def test_an_open_folder_with_things_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    root = tmp_path / "home"
    root.mkdir()
    root.chmod(0o755)
    (root / "letter").write_text("x")
    with pytest.raises(BadInput, match="only you can read"):
        home.lay_out(root)
    assert stat.S_IMODE(root.stat().st_mode) == 0o755
    assert [path.name for path in root.iterdir()] == ["letter"]


def test_a_link_is_no_home(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(BadInput, match="not a link"):
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
