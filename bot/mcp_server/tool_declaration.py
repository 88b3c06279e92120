"""Tool: one declaration of its arguments, its scope and its answer."""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, TypeVar

import msgspec

from bot.commands.personal_tokens import Scope
from bot.mcp_server.callers import ArgumentsInvalid, Caller, ModelLibrary
from bot.mcp_server.proposals import DraftInbox
from domain.kernel.text_formatting import Naming

Answer = dict[str, object]

Arguments = TypeVar("Arguments", bound=msgspec.Struct)


class CallContext(msgspec.Struct, frozen=True, kw_only=True):
    """A call: who makes it, by which program, and what it can reach."""

    caller: Caller
    client: str
    library: ModelLibrary
    inbox: DraftInbox
    now: datetime

    @property
    def naming(self) -> Naming:
        """Return the names of people in the caller's workspace."""
        return self.library.directory(self.caller).name_of


class Tool(msgspec.Struct, Generic[Arguments], frozen=True, eq=False, dict=True):
    """A tool; its schema follows from the type of its arguments."""

    name: str
    title: str
    description: str
    arguments: type[Arguments]
    answer: Callable[[CallContext, Arguments], Answer]
    scope: Scope = Scope.READ

    @cached_property
    def input_schema(self) -> dict[str, Any]:
        """Return the JSON schema of the arguments, an object at its root."""
        (root,), parts = msgspec.json.schema_components([self.arguments], ref_template="#/$defs/{name}")
        schema = parts.pop(root["$ref"].rpartition("/")[2])
        described = {key: value for key, value in schema.items() if key not in ("title", "description")}
        return {**described, "$defs": parts} if parts else described

    def call(self, context: CallContext, arguments: object) -> Answer:
        """Answer a call; raises CallRefused and what the answer raises."""
        try:
            given = msgspec.convert(arguments, self.arguments)
        except msgspec.ValidationError as fault:
            raise ArgumentsInvalid(f"The arguments do not fit: {fault}") from None
        return self.answer(context, given)
