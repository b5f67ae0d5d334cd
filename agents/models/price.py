"""What tokens cost.  Money is counted in whole millionths, so that sums are exact."""

import math

from pydantic import Field

from incident.value import Value


class Price(Value):
    """Price of a model in some currency per million tokens, which is also millionths of it per token."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)

    def micros(self, input_tokens: int, output_tokens: int) -> int:
        """What these tokens cost in millionths, rounded up: a budget is never passed by rounding."""
        return math.ceil(input_tokens * self.input + output_tokens * self.output)


PLAYBOOK = "playbook"
SCRIPTED = "scripted:"
"""What the name of a model begins with that replays a file."""

FREE = Price(input=0, output=0)
"""What runs inside this process."""


def free(name: str) -> bool:
    """Whether a model of this name runs in this process, at no cost; no name means the playbook."""
    return name in ("", PLAYBOOK) or name.startswith(SCRIPTED)
