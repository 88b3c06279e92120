"""Classification of failures of Slack and the store, for the work that raised them."""

from bot.delivery.call_budget import TooEarly
from bot.delivery.work_kinds import Failure
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable
from bot.store import StoreError

PERMANENT_CODES = {
    "account_inactive",
    "invalid_auth",
    "missing_scope",
    "not_authed",
    "token_expired",
    "token_revoked",
    "team_access_not_granted",
}
"""Slack's codes for an app that may do nothing any longer; without posting it cannot notify anyone either."""


def classify_failure(fault: Exception) -> Failure:
    """Return the meaning of an exception raised by work.

    An outage is independent of the work: however long it lasts, the work is not parked.
    """
    match fault:
        case ApiRefused():
            return Failure(
                reason=fault.code,
                wait=fault.retry_after,
                counted=fault.code != "ratelimited",
                paced=fault.code == "ratelimited",
                fatal=fault.code in PERMANENT_CODES,
            )
        case ApiUnreachable():
            return Failure(reason=fault.code, counted=False)
        case TooEarly():
            return Failure(reason="pace of calls", wait=fault.seconds, counted=False, paced=True)
        case StoreError():
            return Failure(reason=type(fault).__name__, counted=False)
        case _:
            return Failure(reason=type(fault).__name__, trace=True)
