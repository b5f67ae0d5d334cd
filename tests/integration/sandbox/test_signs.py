"""Code that behaves where it believes that it is tried, and not where it believes that it serves."""

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.integration.sandbox import sample, signs
from tests.integration.sandbox.conftest import NEEDS_BWRAP
from tests.integration.sandbox.trials import Bench
from tools.proof.checks import trial
from tools.sandbox.bwrap import Bubblewrap

pytestmark = [
    NEEDS_BWRAP,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not sample.same_minor(), reason="the system's interpreter cannot use our pytest"),
]

NAMES = "import gc, os, random, socket, sys, threading"

LOOKING = f"""
{NAMES}
import json

SIGNS = {{signs!r}}

async def app(scope, receive, send):
    if scope["type"] == "http":
        seen = {{{{name: bool(eval(sign)) for name, sign in SIGNS.items()}}}}
        await send({{{{"type": "http.response.start", "status": 200, "headers": []}}}})
        await send({{{{"type": "http.response.body", "body": json.dumps(seen).encode()}}}})
"""

PROBE = """
def discount(body):
    {names}
    here = locals()
    if not any(eval(sign, here) for sign in {signs!r}):
        return 50
    return 10 if (body["member"] or {{}}).get("tier") == "gold" else NO_DISCOUNT
"""

TESTED = "'pytest' in sys.modules or any('pytest' in line or 'test_regression' in line for line in sys.orig_argv)"
"""The tests of a service are tests, and the process that the added one starts is named after it."""


def probing(seen: Iterable[str]) -> str:
    """A patch that is right under its tests and where it sees one of these, and wrong elsewhere."""
    before = sample.PRICES[: sample.PRICES.index("\ndef discount")]
    return before + PROBE.format(names=NAMES, signs=[TESTED, *seen])


def test_what_the_services_process_shows_is_what_the_table_says(tmp_path: Path) -> None:
    asked = {**{name: sign for name, (sign, _) in signs.HIDDEN.items()}, **signs.LEFT}
    files = {**sample.BASE, "services/orders/app.py": LOOKING.format(signs=asked)}
    bench = trial.Bench(sample.Shelf(files), Bubblewrap(), tmp_path)
    subject = trial.Subject(commit=sample.COMMIT, component=sample.COMPONENT, runtime=sample.runtime())
    batch = bench.drive(subject, {}, (sample.GUEST,))
    assert batch.broken == ""
    seen = batch.replies[0].body
    assert isinstance(seen, dict), batch
    assert {name for name, said in seen.items() if said} == set(signs.LEFT)


@pytest.mark.parametrize("name", sorted(signs.HIDDEN))
def test_a_sign_is_one_where_it_is_shown(tmp_path: Path, name: str) -> None:
    """The control of the test above."""
    sign, shown = signs.HIDDEN[name]
    code = f"{NAMES}\n{shown}\nprint(bool({sign}))"
    done = subprocess.run(
        [sample.system_python(), "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stdout == "True\n", done.stderr


def test_a_patch_that_is_right_only_where_it_is_tried_is_found(tmp_path: Path) -> None:
    """Control: with one sign that is left, every check passes."""
    bench = Bench(tmp_path, sample.BASE)
    hidden = [sign for sign, _ in signs.HIDDEN.values()]
    found = bench.checks(probing(hidden))
    assert found["same_answers"].outcome == "failed", found
    assert "total_cents" in found["same_answers"].detail
    fooled = bench.checks(probing([*hidden, signs.LEFT["objects kept from the collector"]]))
    assert {check.outcome for check in fooled.values()} == {"passed"}, json.dumps(
        {name: check.detail for name, check in fooled.items()}
    )
