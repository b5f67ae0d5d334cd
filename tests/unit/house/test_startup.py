"""Commands that a person waits for load no graph, no model and no client of a store that is not set."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from suture.__main__ import COMMANDS

ROOT = Path(__file__).parents[3]

HEAVY = (
    "langgraph",
    "langchain_core",
    "langchain_openai",
    "openai",
    "libcst",
    "redis",
    "httpx",
    "httpx2",
    "rich",
    "asyncio",
    "graph.runtime.driver",
    "graph.build",
    "agents.models.factory",
)
"""What takes longer to load than a command may take to start; and the parts of the house that bring it in."""

LIGHT = ("list", "limits", "control", "explain", "replay")


def loaded(program: str) -> set[str]:
    """The heavy modules that are there after this program ran in a process of its own."""
    show = f"\nimport json, sys\nprint(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    environment = {name: value for name, value in os.environ.items() if name != "REDIS_URL"}
    ran = subprocess.run(
        [sys.executable, "-c", program + show], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return set(json.loads(ran.stdout))


@pytest.mark.parametrize("command", LIGHT)
def test_a_command_that_only_looks_or_switches_loads_nothing_heavy(command: str) -> None:
    assert loaded(f"import {COMMANDS[command][0]}") == set()


def test_the_help_of_all_commands_loads_nothing_of_the_house() -> None:
    program = "import sys\nsys.argv = ['suture', '--help']\nfrom suture import __main__ as door\n"
    program += "from contextlib import redirect_stdout\nwith redirect_stdout(sys.stderr): door.main()\n"
    program += "assert not {'pydantic', 'graph', 'agents', 'tools', 'policies', 'incident'} & set(sys.modules)"
    assert loaded(program) == set()


@pytest.mark.parametrize("way", ["set the kill switch", "list nothing"])
def test_opening_the_stores_loads_nothing_heavy(way: str, tmp_path: Path) -> None:
    arguments = {
        "set the kill switch": ("control", ["--stop-all", "--as", "jane", "--json"]),
        "list nothing": ("list", ["--json"]),
    }
    command, words = arguments[way]
    program = (
        f"import os, sys\nos.environ['SUTURE_HOME'] = {str(tmp_path / 'home')!r}\n"
        f"from contextlib import redirect_stdout\nimport {COMMANDS[command][0]} as called\n"
        f"sys.argv = ['suture {command}', *{words!r}]\nwith redirect_stdout(sys.stderr): assert called.main() == 0"
    )
    assert loaded(program) == set()


def test_a_command_that_heals_loads_the_graph() -> None:
    """Control: what is looked for is found where it is."""
    assert {"langgraph", "openai", "graph.build"} <= loaded("import graph.run")


def test_a_redis_that_is_set_is_loaded() -> None:
    """Control: the client comes with the setting, and only then.  The address is wrong, so nobody is asked."""
    program = (
        "from pathlib import Path\nfrom graph.config import settings\nfrom graph.setup import stores\nfrom incident.errors import BadInput\n"
        "from tools.clock import SystemClock\nfrom tools.records import home\n"
        "chosen = settings.load({'SUTURE_HOME': '/nowhere', 'REDIS_URL': 'redis://nobody:port/0'})\n"
        "try: stores.locks(chosen, home.Home(root=Path('/nowhere')), SystemClock())\nexcept BadInput: pass\n"
        "else: raise AssertionError('a wrong address was taken')"
    )
    assert "redis" in loaded(program)
