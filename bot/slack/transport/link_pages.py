"""Links to cards: `/m/TM-7` leads to the message in Slack, which checks who may see it.

Slack has no address of a modal, so `/m/TM-7/TH-3` is a page that says how to get from the card to the threat.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

import msgspec
import structlog

from bot.slack.protocol.app_ids import COMMAND, LINK_PATH
from bot.slack.protocol.installation import InstallationDirectory
from bot.slack.protocol.model_links import ModelLink, message_address, parse_link_path
from bot.slack.transport.http_messages import HttpRequest, HttpResponse, RequestRefused
from bot.slack.transport.install_pages import InstallPage, html_response, redirect_response
from bot.store import Store, StoreUnavailable, model_stream

log = structlog.get_logger()


class LinkPages(msgspec.Struct, frozen=True, eq=False):
    """The pages of links; without Slack's own check, nothing of a model is shown.

    Links that lead nowhere look the same, whether a model does not exist, has no card, was erased, or belongs
    to a workspace that the bot does not serve.
    """

    installations: InstallationDirectory
    store: Store

    @staticmethod
    def is_link(path: str) -> bool:
        """Return whether a path is that of a link, whatever it leads to."""
        return path.startswith(LINK_PATH)

    def admit(self, request: HttpRequest) -> HttpResponse | Callable[[], HttpResponse]:
        """Return the page of an impossible link, or a function that looks it up; raises RequestRefused."""
        if request.head.method not in ("GET", "HEAD"):
            raise RequestRefused(HTTPStatus.METHOD_NOT_ALLOWED, "This URL accepts GET requests only.")
        link = parse_link_path(request.head.path.rstrip("/"))
        if link is None:
            return html_response(_NOWHERE)
        return lambda: self._lead(link)

    def _lead(self, link: ModelLink) -> HttpResponse:
        try:
            address = self._address(link)
        except StoreUnavailable as fault:
            log.warning("a link was not looked up", why=str(fault))
            return html_response(_LATER)
        if not address:
            return html_response(_NOWHERE)
        return (
            redirect_response(address) if link.threat is None else html_response(_threat_page(link, address))
        )

    def _address(self, link: ModelLink) -> str:
        """Return the address of a card in Slack; empty if there is none."""
        team = link.team or self._only_team()
        if not team:
            return ""
        # First the card: nothing is recorded about workspaces that strangers name.
        card = self.store.unit(team).cards.find(model_stream(team, link.key))
        if card is None or not card.ts:
            return ""
        found = self.installations.find("", team)
        if found is None or found.state != "installed" or found.tenant != team:
            return ""
        return message_address(found.installation.url, card.channel, card.ts)

    def _only_team(self) -> str:
        """Return the workspace if the bot serves one; with several, a key alone is ambiguous."""
        teams = self.installations.tenants()
        return teams[0] if len(teams) == 1 else ""


def _threat_page(link: ModelLink, address: str) -> InstallPage:
    """Return the page that says how to get from the card to a threat.

    It repeats the link, and is the same whether the threat exists: only Slack knows who may read of it.
    """
    return InstallPage(
        heading=f"{link.threat} in {link.key}",
        sentences=(
            "The card of the threat model is in a channel in Slack, for the members of that channel.",
            f"To read about the threat, type “{COMMAND} threats {link.key} {link.threat}” there.",
        ),
        link="Open the card in Slack",
        url=address,
    )


_NOWHERE: Final = InstallPage(
    heading="This link leads nowhere",
    sentences=(
        "There is no threat model here that you could open in Slack.",
        "Type “/threatmodel list” in a channel of your team to find its models.",
    ),
    status=HTTPStatus.NOT_FOUND,
)
_LATER: Final = InstallPage(
    heading="Try again later",
    sentences=("The bot cannot read its database at the moment.",),
    status=HTTPStatus.SERVICE_UNAVAILABLE,
)
