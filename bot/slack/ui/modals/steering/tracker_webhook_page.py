"""Page of the webhook of a tracker: its address and its secret, for administrators."""

from bot.slack.protocol.block_builders import Block, View, modal, section
from bot.slack.protocol.escaping import escape
from bot.slack.protocol.interactions import StaleButton
from bot.slack.screens.page_data import PageData
from bot.slack.ui.modals.page_declaration import Page, PageSource
from bot.slack.ui.texts.tracker_texts import WEBHOOK_TEXTS


def webhook_page(showing: PageData) -> View:
    """Return the address and the secret of the webhook of a tracker."""
    screen = showing.trackers
    shown = screen.find(showing.target.element) if screen is not None else None
    if screen is None or shown is None or screen.webhook is None:
        raise StaleButton
    webhook = screen.webhook  # both texts are our own, and are copied as they are
    blocks: list[Block] = [
        section(f"*{shown.id}* · {escape(shown.name)}\n{_ABOUT}"),
        section(f"*Address*\n```{webhook.url}```"),
    ]
    if webhook.secret:
        blocks.append(section(f"*Secret*\n```{webhook.secret}```"))
    blocks.append(section(f"*Where to enter it*\n{WEBHOOK_TEXTS[shown.tracker.kind]}"))
    return modal("Webhook", blocks, target=showing.target)


WEBHOOK = Page(name="tracker_webhook", show=webhook_page, source=PageSource.TRACKER_WEBHOOK)

_ABOUT = (
    "With a webhook, changes of issues are read within seconds instead of five minutes. Treat the secret "
    "like a password."
)
