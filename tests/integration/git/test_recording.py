"""The repository in a recording is read as any other: errors get their place in it."""

import json
import os
import subprocess
from pathlib import Path

from incident.evidence import Missing
from tests.unit.recordings.folders import NOON, at, attributes, nanos, otlp, world

OURS = {f"GIT_{who}_{what}": "x@example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
STACK = (
    'Traceback (most recent call last):\n  File "/app/services/orders/pricing.py", line 3, in rate\n    x\nKeyError: y'
)


def test_an_error_has_its_place_in_the_repository_of_the_recording(tmp_path: Path) -> None:
    repository = tmp_path / "recording" / "repo"
    (repository / "services" / "orders").mkdir(parents=True)
    (repository / "services" / "orders" / "pricing.py").write_text("def rate():\n    y = {}\n    return y['y']\n")
    entry = {"path": "services/orders", "app": "services.orders.app:app", "tests": "services/orders/tests"}
    lines = "\n".join(f"{key} = {json.dumps(value)}" for key, value in entry.items())
    (repository / "suture.toml").write_text(f"[services.orders]\n{lines}\n")
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "Begin"]):
        subprocess.run(["git", *words], cwd=repository, env={**os.environ, **OURS}, check=True)
    told = attributes({"exception.type": "KeyError", "exception.stacktrace": STACK})
    record = {"timeUnixNano": nanos(1), "severityNumber": 17, "body": {"stringValue": "failed"}, "attributes": told}
    found = world(tmp_path / "recording", {"logs/a.jsonl": otlp("Logs", "logRecords", record)})
    assert found.gaps() == ()
    errors = found.logs.errors("orders", NOON, at(60))
    assert not isinstance(errors, Missing)
    (error,) = errors
    assert error.signature is not None
    assert (error.signature.path, error.signature.line) == ("services/orders/pricing.py", 3)
