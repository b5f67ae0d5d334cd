"""Price of tokens.  Money is counted in whole millionths, so that sums are exact."""

import math

from pydantic import Field

from incident.value import Value


class Price(Value):
    """Price of a model in some currency per million tokens, which is also millionths of it per token."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)

    def micros(self, input_tokens: int, output_tokens: int) -> int:
        """Cost of these tokens in millionths, rounded up: a budget is never passed by rounding."""
        return math.ceil(input_tokens * self.input + output_tokens * self.output)


PLAYBOOK = "playbook"
SCRIPTED = "scripted:"
"""Prefix of the name of a model that replays a file."""

FREE = Price(input=0, output=0)
"""Price of a model that runs inside this process."""


def free(name: str) -> bool:
    """True when a model of this name runs in this process, at no cost; no name means the playbook."""
    return name in ("", PLAYBOOK) or name.startswith(SCRIPTED)
