"""Writes a service as a git repository of its own, right or with one bug planted."""

import os
import shutil
import subprocess
from pathlib import Path

from evals.bench.repair.planted import Bug
from evals.bench.repair.restructured import source
from incident.errors import Unavailable

SERVICES = Path(__file__).parent / "services"

_WHEN = "2025-03-03T09:00:00+00:00"
_WHO = {"NAME": "Service Team", "EMAIL": "team@example.com"}


def lay_out(folder: Path, service: str, bug: Bug | None) -> str:
    """Write and commit the service's repository into a new folder, and return the commit.

    One commit: the bug is as old as the code, so there is nothing to roll back to.
    Raises LookupError when the bug does not fit the source, Unavailable when git fails.
    """
    write(folder, service, bug)
    _git(folder, "init", "--quiet", "--initial-branch=main")
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "-m", f"Add {service}")
    return _git(folder, "rev-parse", "HEAD").strip()


def write(folder: Path, service: str, bug: Bug | None) -> None:
    """Write the tree.  Raises LookupError when the bug does not fit the source."""
    inside = folder / "services" / service
    shutil.copytree(SERVICES / service, inside, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "services" / "__init__.py").write_text("", encoding="utf-8")
    (folder / "suture.toml").write_text(_settings(service, (inside / "schema.json").is_file()), encoding="utf-8")
    if bug is not None:
        file = inside / bug.path
        file.write_text(planted(file.read_text(encoding="utf-8"), bug), encoding="utf-8")
        if bug.restructured is not None:
            restructure(inside, bug.restructured, documented=bug.documented)


def planted(text: str, bug: Bug) -> str:
    """The right file's text, made wrong.  Raises LookupError when the place is not there exactly once."""
    if text.count(bug.right) != 1:
        raise LookupError(f"{bug.name}: what is right stands {text.count(bug.right)} times in {bug.path}")
    return text.replace(bug.right, bug.wrong)


def files(inside: Path) -> dict[str, str]:
    """Texts of the Python files of a service by their path in its folder."""
    found = sorted(inside.rglob("*.py"))
    return {file.relative_to(inside).as_posix(): file.read_text(encoding="utf-8") for file in found}


def restructure(inside: Path, seed: int, *, documented: bool = False) -> None:
    """Change the source in a service's folder, and leave what it does.  Raises LookupError where that is not sure."""
    for path, text in source.restructured(inside.name, files(inside), seed, documented=documented).files.items():
        (inside / path).write_text(text, encoding="utf-8")


def _settings(service: str, has_schema: bool) -> str:  # noqa: FBT001 (one caller, beside it)
    lines = [
        f"[services.{service}]",
        f'path = "services/{service}"',
        f'app = "services.{service}.app:app"',
        f'tests = "services/{service}/tests"',
        *([f'schemas = ["services/{service}/schema.json"]'] if has_schema else []),
    ]
    return "\n".join(lines) + "\n"


def _git(folder: Path, *arguments: str) -> str:
    names = {f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER") for part, value in _WHO.items()}
    dates = {"GIT_AUTHOR_DATE": _WHEN, "GIT_COMMITTER_DATE": _WHEN, "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(folder)}
    ran = subprocess.run(
        ["git", "-C", str(folder), *arguments],  # noqa: S607 (git is found where the user has it)
        env={"PATH": os.environ["PATH"], **names, **dates},
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise Unavailable(f"git {arguments[0]} failed: {ran.stderr.strip()[:200]}")
    return ran.stdout
