"""The agents' read-only tools: narrow, with arguments enumerated from what exists in this incident.

`toolboxes` is the registry that a test enumerates; no tool is made anywhere else.
"""

from collections.abc import Mapping
from typing import Literal

from langchain_core.tools import StructuredTool

from agents.view import code_tools, telemetry_tools, world_tools
from agents.view.incident_view import View

Agent = Literal["rca", "patch", "review"]


def toolboxes(view: View, *, roomy: bool = True) -> Mapping[Agent, tuple[StructuredTool, ...]]:
    """Every tool of every agent; without source those that read it are left out.

    A model with a small window wanders among many, so it gets none of the last kind.
    """
    code, shapes = code_tools.every(view), world_tools.shapes(view)
    more = telemetry_tools.every(view) if roomy else ()
    return {"rca": (*code, *world_tools.every(view), *more), "patch": (*code, *shapes), "review": code}
