"""Previews of links to cards, for people who see the card anyway."""

from collections.abc import Sequence
from typing import Final

import msgspec

from bot.commands.command_handler import NoSuchModel
from bot.slack.protocol.block_builders import Block
from bot.slack.protocol.model_links import ModelLink, parse_link
from bot.slack.queries.services import Services
from bot.slack.ui.messages.thread_announcements import link_preview
from bot.store import model_stream
from domain.kernel.elements import ChannelId

MOST: Final = 5
"""Links of one message that get a preview."""


class LinkPreviews(msgspec.Struct, frozen=True, eq=False):
    """Previews of the links to the public site of the bot; without one, there are none."""

    services: Services
    public_url: str

    def of(self, channel: ChannelId, urls: Sequence[str]) -> dict[str, list[Block]]:
        """Return the blocks for each link to a model of this very channel.

        Everyone in a channel sees a preview, so a link elsewhere has none: not in another channel, a direct
        message, or while the text is still being written.
        """
        links = {url: parse_link(url, self.public_url) for url in dict.fromkeys(urls)}
        previews = ((url, self._preview(channel, link)) for url, link in links.items() if link is not None)
        return dict([(url, blocks) for url, blocks in previews if blocks][:MOST])

    def _preview(self, channel: ChannelId, link: ModelLink) -> list[Block]:
        services = self.services
        team = services.installation.team
        if link.team not in ("", team):
            return []
        stream = model_stream(team, link.key)
        try:
            known = services.register(stream)
        except NoSuchModel:
            return []
        where = services.directory.channel(channel)
        if known.channel != channel or where is None or not where.bot_inside:
            return []
        if where.shared and not known.sharing_allowed:
            return []
        return link_preview(stream, known, link.threat, services.permalink(stream, channel))
