"""Page of the webhook of a tracker: its address and its secret, for administrators."""

from typing import Final

from bot.slack.protocol.block_builders import Block, View, actions, button, confirm, modal, section
from bot.slack.protocol.escaping import escape
from bot.slack.protocol.interactions import ButtonKind, StaleButton
from bot.slack.protocol.targets import Target
from bot.slack.screens.page_data import PageData
from bot.slack.ui.modals.page_declaration import Page, PageSource
from bot.slack.ui.texts.tracker_texts import TRACKER_TEXTS

RENEW: Final = "new_webhook_secret"
"""Name of the button that replaces the secret."""


def webhook_page(showing: PageData) -> View:
    """Return the address and the secret of the webhook of a tracker."""
    screen = showing.trackers
    shown = screen.find(showing.target.element) if screen is not None else None
    if screen is None or shown is None or screen.webhook is None:
        raise StaleButton
    webhook = screen.webhook  # both texts are our own, and are copied as they are
    blocks: list[Block] = [
        *([section(escape(screen.note))] if screen.note else []),
        section(f"*{shown.id}* · {escape(shown.name)}\n{_ABOUT}"),
        section(f"*Address*\n```{webhook.url}```"),
    ]
    about = TRACKER_TEXTS[shown.tracker.kind]
    if about.secret_in_address:
        blocks.append(section(_IN_ADDRESS))
    if webhook.secret:
        blocks.append(section(f"*Secret*\n```{webhook.secret}```"))
    blocks.append(section(f"*Where to enter it*\n{about.webhook}"))
    if about.secret_in_address or webhook.secret:
        target = Target(name=RENEW, stream=showing.target.stream, element=shown.id)
        asked = confirm(
            "Replace the secret?",
            "The present one will no longer be accepted. Enter the new one in the tracker. Until then, "
            "changes are read every five minutes.",
            yes="Replace",
        )
        blocks.append(actions(button("New secret", ButtonKind.TRACKER, target, suffix=RENEW, confirm=asked)))
    return modal("Webhook", blocks, target=showing.target)


WEBHOOK = Page(name="tracker_webhook", show=webhook_page, source=PageSource.TRACKER_WEBHOOK)

_ABOUT = (
    "With a webhook, changes of issues are read within seconds instead of five minutes. Treat the secret "
    "like a password."
)

_IN_ADDRESS = (
    "⚠ This address ends with the secret, because not every version of this tracker signs requests. Access "
    "logs of proxies between the tracker and the bot contain addresses: leave this one out of them, or "
    "restrict who reads them. Press *New secret* if others may have read it."
)
