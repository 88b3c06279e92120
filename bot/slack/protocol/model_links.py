"""Links to the cards of models on the bot's public site, such as `/m/TM-7` and `/m/T0123/TM-7/TH-3`."""

import re
from typing import Final
from urllib.parse import urlsplit

import msgspec

from bot.slack.protocol.app_ids import LINK_PATH
from domain.kernel.elements import ChannelId, ModelKey
from domain.kernel.threat import ThreatId

LONGEST: Final = 200


class ModelLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link to the card of a model, or to one of its threats.

    Keys are those of a workspace, so where the bot serves several, `team` says which one is meant.
    """

    key: ModelKey
    team: str = ""
    threat: ThreatId | None = None

    @property
    def path(self) -> str:
        """Return the path of the link."""
        parts = (self.team, self.key, self.threat or "")
        return LINK_PATH + "/".join(part for part in parts if part)


def parse_link_path(path: str) -> ModelLink | None:
    """Return the link of a path; None if it has another form."""
    found = _PATH.fullmatch(path) if len(path) <= LONGEST else None
    if found is None:
        return None
    team, key, threat = found.group("team", "key", "threat")
    return ModelLink(
        team=team or "", key=ModelKey(key.upper()), threat=ThreatId(threat.upper()) if threat else None
    )


def parse_link(url: str, public_url: str) -> ModelLink | None:
    """Return the link of a URL; None if it does not lead to the bot's public site."""
    try:
        given, own = urlsplit(url), urlsplit(public_url)
        same = (given.scheme, given.hostname, given.port) == (own.scheme, own.hostname, own.port)
    except ValueError:
        return None
    return parse_link_path(given.path.rstrip("/")) if same and own.hostname else None


def link_url(public_url: str, link: ModelLink) -> str:
    """Return the URL of a link on the bot's public site."""
    return public_url.rstrip("/") + link.path


def message_address(workspace_url: str, channel: ChannelId, ts: str) -> str:
    """Return Slack's address of a message: Slack itself checks who may open it."""
    return f"{workspace_url.rstrip('/')}/archives/{channel}/p{ts.replace('.', '')}"


_PATH: Final = re.compile(
    rf"{LINK_PATH}(?:(?P<team>T[A-Z0-9]{{1,30}})/)?(?P<key>TM-[1-9][0-9]{{0,8}})(?:/(?P<threat>TH-[1-9][0-9]{{0,8}}))?",
    re.ASCII | re.IGNORECASE,
)
