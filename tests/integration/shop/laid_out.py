"""What the shop's tests share: its interpreter, a laid-out repository, and asking it."""

import ast
import json
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from evals.judging import asking, oracle
from evals.lab import faults, oracles, repository, runtime
from evals.lab.traffic import users

DRIVER = Path(__file__).with_name("in_process.py")


@cache
def python() -> str:
    """The shop's own interpreter."""
    return str(runtime.ensure(repository.SHOP / "requirements.txt", runtime.home()).python)


def ask(root: Path, requests: Sequence[dict[str, Any]], *, together: bool = False) -> list[dict[str, Any]]:
    """The answers of the whole shop, run in one process."""
    order = json.dumps({"requests": list(requests), "together": together})
    ran = subprocess.run(
        [python(), str(DRIVER)],
        cwd=root,
        env=runtime.tree_environment(root),
        input=order,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    answers: list[dict[str, Any]] = json.loads(ran.stdout)
    return answers


def own_tests(root: Path, folder: str = "services") -> subprocess.CompletedProcess[str]:
    """The shop's own tests, run as its developers run them."""
    return runtime.own_tests(Path(python()), root, folder, seconds=120)


def from_user(request: users.UserRequest) -> dict[str, Any]:
    return {"to": "gateway", **request.model_dump()}


def wrong(root: Path, name: str) -> tuple[str, ...]:
    """What the oracle of a fault finds wrong with a laid-out shop."""
    found = oracles.load(faults.folder_of(name))
    assert found is not None
    answers = ask(root, [item.model_dump(include={"to", "method", "path", "body"}) for item in found.requests])
    pairs = zip(found.requests, answers, strict=True)
    return oracle.wrong(tuple(asking.judged(item, (answer["status"], answer["body"])) for item, answer in pairs))


def replace_function(path: Path, text: str) -> None:
    """Put one whole function's text in the place of the function of the same name."""
    source = path.read_text()
    (new,) = ast.parse(text).body
    assert isinstance(new, ast.AsyncFunctionDef)
    named = (node for node in ast.parse(source).body if isinstance(node, ast.AsyncFunctionDef))
    old = next(node for node in named if node.name == new.name)
    lines = source.splitlines(keepends=True)
    path.write_text("".join([*lines[: old.lineno - 1], text, *lines[old.end_lineno :]]))


def candidate(root: Path, answer: str) -> None:
    replace_function(root / "services/payment/assessment.py", faults.candidate("null-membership", answer))
