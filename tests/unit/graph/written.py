"""Two patches of the scripted world's bug, and a model that proposes given ones."""

import json

from tools.scripted import source

FUNCTION = source.PRICING[source.PRICING.index("def discount") : source.PRICING.index("\n\n\ndef total")]
LINE = '    return membership.get("discount", STANDARD_DISCOUNT)'
SHORT = FUNCTION.replace(LINE, '    return (membership or {}).get("discount", STANDARD_DISCOUNT)')
LONG = FUNCTION.replace(
    LINE, f"    if membership is None:\n        standard = STANDARD_DISCOUNT\n        return standard\n{LINE}"
)


def script(*sources: str) -> str:
    """A model whose patch agent proposes these sources at once."""
    calls = [{"name": "propose_fix", "args": {"source": text, "why": "members"}} for text in sources]
    return json.dumps({"name": "model", "agents": {"patch": [{"tool_calls": calls}]}})
