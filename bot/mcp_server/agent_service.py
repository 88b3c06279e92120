"""Answers to calls of agents: checked, limited and recorded, whatever the transport."""

import re
import secrets
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, Final, cast

import msgspec
import structlog

from bot.commands.personal_tokens import Scope
from bot.mcp_server.answers import RULE, visible_text, whole_register
from bot.mcp_server.callers import (
    Caller,
    CallFailed,
    CallRefused,
    CallsLimited,
    CallTooLarge,
    ModelLibrary,
    ModelNotFound,
    ScopeMissing,
    Unavailable,
)
from bot.mcp_server.proposals import DraftInbox
from bot.mcp_server.tool_declaration import Answer, CallContext
from bot.mcp_server.tool_table import TOOLS
from bot.store import Store, StoreError, StreamSummary
from bot.store.repositories.agent_calls import AgentCall

MAX_CALLS: Final = 60
"""Calls of one token within a minute, over all replicas."""

MAX_BYTES: Final = 256_000
"""Size of a request."""

REGISTER_URI: Final = "threatmodel://{model}/register"
"""URI of the resource with a whole model."""

PROMPT: Final = "answer_from_code"

_MINUTE: Final = timedelta(minutes=1)
_UNLIMITED: Final = 1 << 31
_URI: Final = re.compile(r"threatmodel://(?P<model>[A-Za-z]{1,5}-\d{1,9})/register")
_KEY: Final = re.compile(r"[A-Za-z]{1,5}-\d{1,9}")
_CLIENT: Final = 60

log = structlog.get_logger()

Count = Callable[[str, str, float], None]
"""Take the operation of a call, its outcome, and how many seconds it took."""


def not_counted(operation: str, outcome: str, seconds: float) -> None:
    """Take the figures of a call where no one looks at them."""


class AgentService(msgspec.Struct, frozen=True, eq=False):
    """Tools, resources and prompts for callers; every refusal is a CallRefused."""

    store: Store
    library: ModelLibrary
    inbox: DraftInbox
    count: Count = not_counted

    def call_tool(self, caller: Caller, name: str, arguments: object, *, client: str = "") -> Answer:
        """Return the answer of a tool; raises CallRefused, and KeyError if there is no such tool."""
        tool = TOOLS[name]
        with self._recorded(caller, name, _named_model(arguments)) as at:
            if len(msgspec.json.encode(arguments)) > MAX_BYTES:
                raise CallTooLarge(MAX_BYTES // 1000)
            self._check(caller, tool.scope)
            context = CallContext(
                caller=caller,
                client=visible_text(client)[:_CLIENT],
                library=self.library,
                inbox=self.inbox,
                now=at,
            )
            return tool.call(context, arguments)

    def list_registers(self, caller: Caller) -> list[StreamSummary]:
        """Return the models whose registers can be read as resources; raises CallRefused."""
        with self._recorded(caller, "resources", ""):
            self._check(caller, Scope.READ)
            return self.library.models(caller)

    def read_register(self, caller: Caller, uri: str) -> Answer:
        """Return the whole register of a model by the URI of its resource; raises CallRefused."""
        found = _URI.fullmatch(uri)
        key = found["model"].upper() if found else ""
        with self._recorded(caller, "register", key):
            self._check(caller, Scope.READ)
            if not key:
                raise ModelNotFound
            naming = self.library.directory(caller).name_of
            return whole_register(self.library.register(caller, key), naming)

    def prompt(self, caller: Caller, name: str, arguments: dict[str, str]) -> str:
        """Return the text of a prompt; raises CallRefused, and KeyError if there is no such prompt."""
        if name != PROMPT:
            raise KeyError(name)
        key = arguments.get("model", "").strip().upper()
        with self._recorded(caller, name, key):
            self._check(caller, Scope.READ)
            return _ANSWER_FROM_CODE.format(model=self.library.find(caller, key).key, rule=RULE)

    def _check(self, caller: Caller, scope: Scope) -> None:
        if scope not in caller.scopes:
            raise ScopeMissing(scope)
        self.library.check_account(caller)

    @contextmanager
    def _recorded(self, caller: Caller, operation: str, model: str) -> Generator[datetime]:
        """Record and count the block as a call, with its outcome; every fault leaves as CallRefused."""
        now, started = self.library.now(), time.monotonic()
        call = AgentCall(
            id=secrets.token_hex(8),
            token=caller.token,
            person=caller.person,
            operation=operation,
            model=model if _KEY.fullmatch(model) else "",
            at=now,
        )
        calls = self.store.unit(caller.tenant).agent_calls
        outcome, is_recorded = call.outcome, False
        try:
            with _refusing(operation):
                most = _UNLIMITED if caller.is_operator else MAX_CALLS
                is_recorded = calls.begin(call, most=most, since=now - _MINUTE)
                if not is_recorded:
                    raise CallsLimited(MAX_CALLS)
                yield now
        except CallRefused as refused:
            outcome = refused.outcome
            if is_recorded:
                with suppress(StoreError):
                    calls.end(call.id, outcome)
            raise
        finally:
            self.count(operation, outcome, time.monotonic() - started)


@contextmanager
def _refusing(operation: str) -> Generator[None]:
    """Turn each fault of the block into a CallRefused: the agent must not see what went wrong inside."""
    try:
        yield
    except CallRefused:
        raise
    except StoreError as fault:
        log.warning("a call of an agent failed", operation=operation, fault=type(fault).__name__)
        raise Unavailable from None
    except Exception:
        log.exception("a call of an agent failed", operation=operation)
        raise CallFailed from None


def _named_model(arguments: object) -> str:
    """Return the key of the model that arguments name; they were not checked yet."""
    named = cast("dict[str, Any]", arguments).get("model") if isinstance(arguments, dict) else None
    return named.strip().upper() if isinstance(named, str) else ""


_ANSWER_FROM_CODE: Final = """\
Answer the open questions of the threat model {model} from the code of this repository.

1. Call open_questions for {model}. Repeat with a larger offset while items are left.
2. For each question, search this repository for the place that decides it. Read the code around it.
3. Answer yes or no only if a file and line shows it; a comment or a name alone does not. Use \
not_applicable if the question does not concern the element. Leave out every other question.
4. Hand the answers in with propose_answers, at most 100 in a call, each with its evidence as file:line. The \
certainty is likely if the line shows the answer, and guess if it only suggests it.

A person accepts or rejects each answer; do not claim that the model has changed. {rule}
"""
