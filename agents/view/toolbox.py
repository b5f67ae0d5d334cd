"""Builds tools and terminals: typed functions with enumerated arguments."""

import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Generic, TypeVar

from langchain_core.tools import StructuredTool
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, create_model

A = TypeVar("A")


class Arguments(BaseModel):
    """Arguments of a tool call: nothing that is not declared, nothing converted silently."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def one_of(choices: Sequence[str], description: str) -> Any:
    """A string argument whose values are enumerated in the schema and checked when it comes in.

    An enumeration without values admits nothing: empty never means all.
    """
    allowed = tuple(dict.fromkeys(choices))

    def check(value: str) -> str:
        if value not in allowed:
            shown = ", ".join(allowed[:30]) or "nothing: leave this tool alone"
            raise ValueError(f"choose one of: {shown}")
        return value

    extra: dict[str, Any] = {"enum": list(allowed)}
    return Annotated[str, AfterValidator(check), Field(description=description, json_schema_extra=extra)]


def some_of(choices: Sequence[str], description: str) -> Any:
    """A list argument with at least one of the enumerated values; ``"E1, E2"`` counts as a list."""
    one: Any = one_of(choices, description)

    def split(value: object) -> object:
        # Small models write a list as one text; what it names is checked all the same.
        return [part.strip(" []\"'") for part in value.split(",")] if isinstance(value, str) else value

    return Annotated[
        types.GenericAlias(list, (one,)),
        BeforeValidator(split),
        Field(min_length=1, max_length=12, description=description),
    ]


def text(limit: int, description: str) -> Any:
    """A bounded string argument that may not be empty."""
    return Annotated[str, Field(min_length=1, max_length=limit, description=description)]


def arguments(name: str, **fields: Any) -> type[Arguments]:
    """A model of arguments; a field is an annotation, or a pair of annotation and default."""
    given: dict[str, Any] = {key: item if isinstance(item, tuple) else (item, ...) for key, item in fields.items()}
    return create_model(name, __base__=Arguments, **given)


def reader(name: str, description: str, schema: type[Arguments], function: Callable[..., str]) -> StructuredTool:
    """A read-only tool: a function from checked arguments to text."""
    return StructuredTool.from_function(func=function, name=name, description=description, args_schema=schema)


@dataclass(frozen=True)
class Terminal(Generic[A]):
    """A tool whose call ends the run: its checked arguments become an answer.

    `accept` may raise ToolMistake for what only the evidence or the source can refuse.
    """

    name: str
    description: str
    schema: type[Arguments]
    accept: Callable[[dict[str, Any]], A]
    gives_up: bool = False
    """Its call says that the agent does not know: an honest answer, and no other one."""
    prose: Callable[[str], dict[str, Any]] | None = None
    """Reads an answer in prose as the arguments, or raises ToolMistake.  Where it is the only way to end, the model is
    asked in prose: code comes out better in a code block than inside a JSON string."""

    @cached_property
    def described(self) -> dict[str, Any]:
        """The tool in the form in which chat models take it."""
        return _described(self.name, self.description, self.schema)


def described(tool: StructuredTool) -> dict[str, Any]:
    """A reader in the form in which chat models take it.

    Not by langchain's own conversion, which leaves the enumerations out.
    """
    schema = tool.args_schema
    if not (isinstance(schema, type) and issubclass(schema, BaseModel)):
        raise TypeError(f"the arguments of {tool.name} are not declared")
    return _described(tool.name, tool.description, schema)


def _described(name: str, description: str, schema: type[BaseModel]) -> dict[str, Any]:
    function = {"name": name, "description": description, "parameters": schema.model_json_schema()}
    return {"type": "function", "function": function}
