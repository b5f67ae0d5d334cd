"""Repositories as their owner writes them."""

import os
import subprocess
from pathlib import Path


def git(folder: Path, *arguments: str) -> str:
    """Git as the repository's owner would run it, with a fixed identity and fixed dates."""
    environment = {
        **os.environ,
        **{f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in
           {"NAME": "Shop Team", "EMAIL": "shop@localhost", "DATE": "1700000000 +0100"}.items()},
        "GIT_CONFIG_GLOBAL": "/dev/null",
    }  # fmt: skip
    return subprocess.run(
        ["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True, env=environment
    ).stdout.strip()


def write(folder: Path, files: dict[str, str]) -> None:
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode())
