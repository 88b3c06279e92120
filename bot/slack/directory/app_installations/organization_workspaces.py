"""Workspaces of an organization in which its administrators have permitted the app."""

import msgspec

from bot.slack.protocol.web_api_client import ApiUnreachable, SlackApi


class _Team(msgspec.Struct):
    id: str


class _Metadata(msgspec.Struct):
    next_cursor: str = ""


class _Page(msgspec.Struct):
    teams: list[_Team] = []
    response_metadata: _Metadata | None = None


def read_permitted_workspaces(api: SlackApi) -> set[str]:
    """Return the IDs of all workspaces that the token of an organization covers.

    Raises ApiRefused and ApiUnreachable.
    """
    permitted: set[str] = set()
    cursor = ""
    while True:
        answer = api.call("auth.teams.list", limit=100, cursor=cursor or None)
        try:
            page = msgspec.convert(answer, _Page)
        except msgspec.ValidationError as fault:
            raise ApiUnreachable(f"unexpected answer of auth.teams.list: {fault}") from None
        permitted |= {one.id for one in page.teams}
        cursor = page.response_metadata.next_cursor if page.response_metadata else ""
        if not cursor:
            return permitted
