"""A real file system without a byte left under all books, at any time of an incident: nothing stays half done.

Root mounts it in a namespace of its own, anybody else in a user namespace, as the sandbox does.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.timeout(600)
ROOT = Path(__file__).parents[3]
APART = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-Urm"]


def incident(folder: Path, *arguments: str) -> dict[str, Any]:
    """What became of an incident on a small disk."""
    command = [*APART, sys.executable, "-m", "tests.integration.stores.full_disk", str(folder), *arguments]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("full_after", ["0.5", "4", "15", "25"])
@pytest.mark.parametrize("free_after", [None, "20", "120"])
def test_what_was_changed_is_taken_back_or_healed_for_good(
    tmp_path: Path, full_after: str, free_after: str | None
) -> None:
    freed = [] if free_after is None else ["--free-after", free_after]
    found = incident(tmp_path, "--full-after", full_after, *freed)
    assert found["mark"] == ""
    if found["outcome"] == "healed":
        assert list(found["after"].values()) == [100]
        assert found["after"] != found["before"]
        assert free_after == "20", "only a disk that is free again in time lets it go on"
    else:
        assert found["outcome"] == "escalated"
        assert found["after"] == found["before"]
        assert "full" in found["reason"]
        assert found["told"] != []


@pytest.mark.parametrize("full_after", ["0.5", "25"])
def test_control_without_the_rescue_the_canary_stays_and_nobody_is_told(tmp_path: Path, full_after: str) -> None:
    found = incident(tmp_path, "--full-after", full_after, "--control")
    assert "full" in found["reason"]
    assert found["after"] != found["before"]
    assert found["mark"] != ""
    assert found["told"] == []
