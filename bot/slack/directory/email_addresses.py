"""Email addresses of people, read when they are needed and stored nowhere."""

import msgspec

from bot.slack.protocol.web_api_client import ApiRefused, SlackApi
from domain.kernel.elements import PersonId


class _Profile(msgspec.Struct):
    email: str | None = None


class _User(msgspec.Struct):
    profile: _Profile = msgspec.field(default_factory=_Profile)
    is_email_confirmed: bool = True
    deleted: bool = False


def email_address(api: SlackApi, person: PersonId) -> str:
    """Return the confirmed email address of a person; empty if Slack shows none.

    Slack shows addresses only with the permission `users:read.email`. Raises ApiRefused and ApiUnreachable.
    """
    try:
        answer = api.call("users.info", user=person)
    except ApiRefused as refused:
        if refused.code in ("user_not_found", "user_not_visible"):
            return ""
        raise
    try:
        user = msgspec.convert(answer.get("user"), _User)
    except msgspec.ValidationError:
        return ""
    return (user.profile.email or "") if user.is_email_confirmed and not user.deleted else ""
