"""What a tool is: a typed function, and the roles that may call it.

A tool's first parameter is its :class:`Caller`, which the server binds. It is no part of the schema, so a model has no
argument by which to name somebody. Whatever a tool reads, it reads by selectors that take the caller's user.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, create_model

from chat.models import Message
from rag.generators.base import ToolSpec
from rag.tooling import Result
from users.models import Role, User

EVERYBODY = frozenset(Role.values)
"""With an account."""


@dataclass(frozen=True, slots=True)
class Caller:
    """For whom a tool is called."""

    user: User
    question: Message
    """That is being answered."""


@dataclass(frozen=True, slots=True)
class Tool:
    spec: ToolSpec
    roles: frozenset[str]
    arguments: type[BaseModel]
    """The schema of the arguments, which forbids any other."""
    function: Callable[..., Result]

    def run(self, caller: Caller, arguments: Mapping[str, Any]) -> Result:
        """Raises pydantic's ValidationError, and whatever the function raises."""
        valid = self.arguments.model_validate(dict(arguments))
        return self.function(caller, **{name: getattr(valid, name) for name in self.arguments.model_fields})


def tool(
    *,
    roles: frozenset[str] = EVERYBODY,
    fits: Callable[[str], Mapping[str, Any] | None] = lambda question: None,
) -> Callable[[Callable[..., Result]], Tool]:
    """Makes a tool of a function ``(caller: Caller, ...) -> Result``; its docstring is what a model reads.

    ``fits`` gives the arguments with which it answers a question where no model chooses, None if it does not. Raises
    TypeError for a function of another form.
    """

    def made(function: Callable[..., Result]) -> Tool:
        name = function.__name__
        hints = get_type_hints(function, include_extras=True)
        first, *others = inspect.signature(function).parameters.values()
        if hints.get(first.name) is not Caller or hints.get("return") is not Result:
            raise TypeError(f"The tool {name} takes a Caller first and returns a Result.")
        fields: dict[str, Any] = {}
        for parameter in others:
            if parameter.name not in hints or parameter.kind not in (
                inspect.Parameter.POSITIONAL_OR_KEYWORD,
                inspect.Parameter.KEYWORD_ONLY,
            ):
                raise TypeError(f"The parameter {parameter.name} of the tool {name} has no type, or is one of many.")
            default = ... if parameter.default is inspect.Parameter.empty else parameter.default
            fields[parameter.name] = (hints[parameter.name], default)
        arguments: type[BaseModel] = create_model(name, __config__=ConfigDict(extra="forbid"), **fields)
        schema = arguments.model_json_schema()
        schema.pop("title", None)
        return Tool(ToolSpec(name, inspect.getdoc(function) or "", schema, fits), roles, arguments, function)

    return made
