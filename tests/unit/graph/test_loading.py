"""An interrupt before a command is loaded ends in a sentence, and afterwards is an exception again."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from graph import entry
from incident.errors import BadInput

ROOT = Path(__file__).parents[3]

INTERRUPTED_AT = """
import signal, sys

signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background inherits that it is ignored

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
"""


def interrupted(tmp_path: Path, module: str, *command: str) -> "subprocess.CompletedProcess[str]":
    """Run Python so that Ctrl-C is pressed at the moment at which it looks for `module`."""
    (tmp_path / "sitecustomize.py").write_text(INTERRUPTED_AT.format(module=module))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), str(ROOT)))}
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("module", ["graph.entry", "langgraph"])
def test_an_interrupt_while_loading_is_one_sentence(tmp_path: Path, module: str) -> None:
    ran = interrupted(tmp_path, module, "-m", "graph.run", "alert.json")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "suture: interrupted while starting: nothing was opened or changed\n"


def test_a_program_that_only_imports_the_graph_keeps_its_own_interrupts(tmp_path: Path) -> None:
    """Control: without ``-m graph.X`` nothing is installed, and the traceback comes."""
    ran = interrupted(tmp_path, "graph.entry", "-c", "import graph.entry")
    assert "KeyboardInterrupt" in ran.stderr


def test_after_loading_an_interrupt_is_an_exception_again() -> None:
    program = "import signal\nfrom graph import loading\nloading.leave_on_interrupt()\nloading.ready()\n"
    command = [sys.executable, "-c", program + "signal.raise_signal(signal.SIGINT)"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "KeyboardInterrupt" in ran.stderr


def test_the_level_of_logging_is_checked() -> None:
    assert entry.level({}) == entry.level({"LOG_LEVEL": ""}) == "ERROR"
    assert entry.level({"LOG_LEVEL": "debug"}) == "DEBUG"
    with pytest.raises(BadInput, match="LOG_LEVEL is 'loud': use one of"):
        entry.level({"LOG_LEVEL": "loud"})
