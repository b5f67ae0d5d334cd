"""Turns a scenario's scripted answers into the file that ``SUTURE_MODEL=scripted:FILE`` reads."""

import json
from pathlib import Path

from agents.models import scripted
from evals.scenarios.spec import Script


def text(script: Script, fault: Path) -> str:
    """The script as JSON: all candidates in the patch agent's one answer, so that each attempt hears the same.

    `fault` is the folder that the sources are taken from.  Raises OSError.
    """
    calls = tuple(
        scripted.Call(
            name="propose_fix",
            args={
                "function": candidate.function,
                "source": (fault / candidate.source).read_text(encoding="utf-8"),
                "why": candidate.why,
            },
        )
        for candidate in script.patch
    )
    whole = scripted.Script(name=script.name, agents={"patch": (scripted.Turn(tool_calls=calls),)})
    return json.dumps(whole.model_dump(mode="json"), indent=1)
