"""A wheel in a fresh environment, beside somebody else's package `agents`: one command, from any folder."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from suture import __version__

pytestmark = pytest.mark.timeout(600)
ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Installation:
    """A wheel, the environment that it is installed in, and a home of its own."""

    wheel: Path
    environment: Path
    home: Path

    def run(self, program: str, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
        """What a program of the environment says, started in a folder."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SUTURE_", "PYTHON"))}
        surroundings = {**kept, "HOME": str(self.home), "SUTURE_HOME": str(self.home / "suture")}
        command = [str(self.environment / "bin" / program), *arguments]
        return subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The wheel of this tree, beside the pinned packages and a package `agents` that cannot be imported."""
    folder = tmp_path_factory.mktemp("wheel")
    built, environment, home = folder / "dist", folder / "environment", folder / "home"
    home.mkdir(mode=0o700)
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", built], cwd=ROOT, check=True)
    (wheel,) = built.glob("*.whl")
    venv.create(environment, with_pip=False)
    python = environment / "bin" / "python"
    install = [
        "-m",
        "uv",
        "pip",
        "install",
        "--offline",
        "--no-cache",
        "--no-deps",
        "--python",
        str(python),
        str(wheel),
    ]
    subprocess.run([sys.executable, *install], check=True)
    (environment / "bin" / "uv").symlink_to(Path(sys.executable).with_name("uv"))
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "pinned.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    (packages / "agents").mkdir()
    (packages / "agents" / "__init__.py").write_text("raise RuntimeError('a package of somebody else')\n")
    return Installation(wheel, environment, home)


def test_the_wheel_brings_one_package(installation: Installation) -> None:
    names = zipfile.ZipFile(installation.wheel).namelist()
    assert {name.partition("/")[0] for name in names} == {"suture", f"suture-{__version__}.dist-info"}


def test_control_the_package_beside_it_fails_when_it_is_imported(installation: Installation, tmp_path: Path) -> None:
    ended = installation.run("python", "-c", "import agents", folder=tmp_path)
    assert ended.returncode == 1
    assert "a package of somebody else" in ended.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--version",), f"suture {__version__}"),
        (("--help",), "suture approve"),
        (("list",), ""),
        (("lab", "--help"), "usage: suture lab"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_a_command_works_from_an_empty_folder(
    installation: Installation, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    ended = installation.run("suture", *words, folder=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert said in ended.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_demo_heals_from_an_empty_folder(installation: Installation, tmp_path: Path) -> None:
    ended = installation.run("suture", "demo", folder=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "healed" in ended.stdout.lower()
