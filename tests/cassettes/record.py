"""Record the tapes anew: ``python -m tests.cassettes.record [NAME...]``, with ``OPENAI_BASE_URL``, ``OPENAI_API_KEY`` and ``OPENAI_MODEL``.

What came out stands beside each tape (``NAME.json``), so that a replay has something to be compared with.
"""

import argparse
import json
import os
import sys
from typing import Any

from agents.models import factory
from incident.record import Answered
from tests.cassettes import tape
from tests.cassettes.conversations import ANSWER_TOKENS, CONVERSATIONS
from tools.clock import SystemClock

TOLD = {"ended", "why", "steps", "tool_calls", "input_tokens", "output_tokens", "estimated", "answer"}
"""What a replay must come to again."""


def expected(answered: Answered) -> dict[str, Any]:
    """What a replay is compared with."""
    found: dict[str, Any] = answered.model_dump(mode="json", include=TOLD)
    # Who answered depends on the address, which is not on the tape.
    for told in (found["answer"], *found["answer"].get("hypotheses", ())):
        told.pop("model", None)
    return found


def main() -> int:
    """Record; exit code 2 when no endpoint is named."""
    parser = argparse.ArgumentParser(prog="tests.cassettes.record", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name", nargs="*", choices=[*CONVERSATIONS, []], help="default: all of them")
    names = parser.parse_args().name or list(CONVERSATIONS)
    url, key, name = (os.environ.get(f"OPENAI_{part}", "") for part in ("BASE_URL", "API_KEY", "MODEL"))
    if not url or not name:
        sys.stderr.write("set OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL\n")
        return 2
    for conversation in names:
        # A fresh model each time: it remembers what its endpoint does not know.
        model = factory.build(name, url, key, timeout=900.0, max_tokens=ANSWER_TOKENS, clock=SystemClock())
        tape.path(conversation).unlink(missing_ok=True)
        with tape.running(conversation, "all"):
            answered = CONVERSATIONS[conversation](model)
        if answered.ended in ("gone", "refused"):
            tape.path(conversation).unlink(missing_ok=True)
            sys.stderr.write(f"{conversation}: {answered.why}\n")
            return 1
        found = {"model": name, **expected(answered)}
        tape.path(conversation).with_suffix(".json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        sys.stdout.write(
            f"{conversation}: {answered.ended} in {answered.steps} steps, {', '.join(answered.tool_calls)}\n"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
