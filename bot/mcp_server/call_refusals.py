"""Callers, and refusals of their calls: the message is the sentence that the agent reads."""

from collections.abc import Sequence
from typing import Final

import msgspec

from bot.commands.personal_tokens import Scope
from domain.kernel.elements import SYSTEM, PersonId


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Caller in a workspace; `token` is the ID of the access token, empty for the operator."""

    tenant: str
    person: PersonId
    token: str
    scopes: frozenset[Scope]

    @property
    def is_operator(self) -> bool:
        """Return whether the caller has the database itself, and thus sees every model of the workspace."""
        return not self.token


def operator_of(tenant: str) -> Caller:
    """Return the operator of the database as a caller in one of its workspaces."""
    return Caller(tenant=tenant, person=SYSTEM, token="", scopes=frozenset(Scope))


_IDS_SHOWN: Final = 100
NO_MODEL: Final = "There is no such threat model in your channels. list_models lists them."
"""The same for a model that does not exist and for one of another channel."""


class CallRefused(Exception):
    """Refusal of a call; `outcome` names it in the record of calls."""

    outcome = "refused"
    sentence = "{}"

    def __init__(self, *details: object) -> None:
        super().__init__(self.sentence.format(*details))


class ScopeMissing(CallRefused):
    """Refusal: the token does not permit the operation."""

    outcome = "scope_missing"
    sentence = "Your access token lacks the scope “{}”. Create another one in Slack: /threatmodel token"


class CallsLimited(CallRefused):
    """Refusal: too many calls within a minute."""

    outcome = "calls_limited"
    sentence = "An access token may make {} calls a minute. Wait a minute, then try again."


class CallTooLarge(CallRefused):
    """Refusal: the arguments are too large."""

    outcome = "call_too_large"
    sentence = "The arguments have more than {} kB. Split them into several calls."


class ArgumentsInvalid(CallRefused):
    """Refusal: arguments that the operation cannot use."""

    outcome = "arguments_invalid"


class AccountRefused(CallRefused):
    """Refusal: the person may no longer act in the workspace."""

    outcome = "account_refused"
    sentence = "The account of this access token can no longer use the bot."


class ModelNotFound(CallRefused):
    """Refusal: no such model in the caller's channels."""

    outcome = "model_not_found"
    sentence = NO_MODEL


class ElementNotFound(CallRefused):
    """Refusal: no such element in the model; `ids` are those of its elements."""

    outcome = "element_not_found"
    sentence = "There is no such element in this model. Its elements: {}. get_model lists them by kind."

    def __init__(self, ids: Sequence[str]) -> None:
        more = f" and {len(ids) - _IDS_SHOWN} more" if len(ids) > _IDS_SHOWN else ""
        super().__init__((", ".join(ids[:_IDS_SHOWN]) or "none") + more)


class TooManyDrafts(CallRefused):
    """Refusal: too many drafts of a caller wait for a person."""

    outcome = "too_many_drafts"
    sentence = (
        "{} drafts of yours wait for a person in this model. Ask the team to accept or reject them in Slack "
        "first."
    )


class Unavailable(CallRefused):
    """Refusal: the database cannot be used at the moment."""

    outcome = "unavailable"
    sentence = "The database is unavailable at the moment. Try again later."


class CallFailed(CallRefused):
    """Refusal: a fault of the server, which its log describes."""

    outcome = "failed"
    sentence = "The call failed. The operator finds the reason in the server's log."
