"""Refusals of calls, by name; the message is the sentence that the agent reads."""

from collections.abc import Sequence
from typing import Final

NO_MODEL: Final = "There is no such threat model in your channels. list_models lists them."
"""The same for a model that does not exist and for one of another channel."""


class CallRefused(Exception):
    """Refusal of a call; `outcome` names it in the record of calls."""

    outcome = "refused"


class ScopeMissing(CallRefused):
    """Refusal: the token does not permit the operation."""

    outcome = "scope_missing"

    def __init__(self, scope: str) -> None:
        super().__init__(
            f"Your access token lacks the scope “{scope}”. Create another one in Slack: /threatmodel token"
        )


class CallsLimited(CallRefused):
    """Refusal: too many calls within a minute."""

    outcome = "calls_limited"

    def __init__(self, most: int) -> None:
        super().__init__(f"An access token may make {most} calls a minute. Wait a minute, then try again.")


class CallTooLarge(CallRefused):
    """Refusal: the arguments are too large."""

    outcome = "call_too_large"

    def __init__(self, most: int) -> None:
        super().__init__(f"The arguments have more than {most // 1000} kB. Split them into several calls.")


class ArgumentsInvalid(CallRefused):
    """Refusal: arguments that the operation cannot use."""

    outcome = "arguments_invalid"


class AccountRefused(CallRefused):
    """Refusal: the person may no longer act in the workspace."""

    outcome = "account_refused"

    def __init__(self) -> None:
        super().__init__("The account of this access token can no longer use the bot.")


class ModelNotFound(CallRefused):
    """Refusal: no such model in the caller's channels."""

    outcome = "model_not_found"

    def __init__(self) -> None:
        super().__init__(NO_MODEL)


class ElementNotFound(CallRefused):
    """Refusal: no such element in the model; `ids` are those of its elements."""

    outcome = "element_not_found"

    def __init__(self, ids: Sequence[str]) -> None:
        shown = ", ".join(ids[:_IDS_SHOWN]) or "none"
        more = f" and {len(ids) - _IDS_SHOWN} more" if len(ids) > _IDS_SHOWN else ""
        super().__init__(
            f"There is no such element in this model. Its elements: {shown}{more}. "
            "get_model lists them by kind."
        )


class TooManyDrafts(CallRefused):
    """Refusal: too many drafts of a caller wait for a person."""

    outcome = "too_many_drafts"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"{most} drafts of yours wait for a person in this model. Ask the team to accept or reject them "
            "in Slack first."
        )


class Unavailable(CallRefused):
    """Refusal: the database cannot be used at the moment."""

    outcome = "unavailable"

    def __init__(self) -> None:
        super().__init__("The database is unavailable at the moment. Try again later.")


class CallFailed(CallRefused):
    """Refusal: a fault of the server, which its log describes."""

    outcome = "failed"

    def __init__(self) -> None:
        super().__init__("The call failed. The operator finds the reason in the server's log.")


_IDS_SHOWN: Final = 100
