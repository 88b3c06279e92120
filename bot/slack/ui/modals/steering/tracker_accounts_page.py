"""Page of the accounts in a tracker: whose each one is, and for administrators the way to correct it."""

from bot.slack.protocol.block_builders import Block, View, button, context, divider, modal, section
from bot.slack.protocol.escaping import escape
from bot.slack.protocol.interactions import ButtonKind, StaleButton
from bot.slack.protocol.targets import AccountTarget
from bot.slack.screens.page_data import PageData
from bot.slack.screens.tracker_screen import TrackerScreen, account_digest
from bot.slack.ui.modals.page_declaration import Page, PageSource
from bot.slack.ui.modals.paging import list_page, page_buttons
from bot.slack.ui.texts.account_texts import account_text
from domain.tracker_accounts import TrackerAccount


def tracker_accounts_page(showing: PageData) -> View:
    """Return whose the accounts in a tracker are, those that are not confirmed first."""
    screen = showing.trackers
    shown = screen.find(showing.target.element) if screen is not None else None
    if screen is None or shown is None:
        raise StaleButton
    if screen.accounts is None:
        raise StaleButton("Guests do not see the accounts of other people.")
    blocks: list[Block] = [section(escape(screen.note))] if screen.note else []
    blocks.append(section(f"*{shown.id}* · {escape(shown.name)}\n{_ABOUT}"))
    accounts = sorted(screen.accounts_in(shown.id), key=lambda one: (one.confirmed, one.name.casefold()))
    listed = list_page(accounts, showing.target, _PER_PAGE)
    blocks += [_row(showing, screen, one, number) for number, one in enumerate(listed.items)]
    if not accounts:
        blocks += [divider(), section("No account is known yet.")]
    blocks += page_buttons(listed, showing.target)
    if not screen.administers:
        blocks.append(context(_OTHERS))
    return modal("Accounts", blocks, target=showing.target)


TRACKER_ACCOUNTS = Page(name="tracker_accounts", show=tracker_accounts_page, source=PageSource.TRACKERS)


def _row(showing: PageData, screen: TrackerScreen, one: TrackerAccount, number: int) -> Block:
    text = account_text(one, showing.naming)
    if not screen.administers:
        return section(text)
    target = AccountTarget(
        name="account_owner",
        stream=showing.target.stream,
        element=one.tracker,
        back="tracker_accounts",
        account=account_digest(one.person, one.account),
    )
    label = "Change" if one.confirmed else "Confirm or correct"
    spoken = f"{label} whose account number {number + 1} is"
    return section(text, accessory=button(label, ButtonKind.OPEN, target, suffix=f"{number}", spoken=spoken))


_ABOUT = (
    "An issue that is assigned to one of these accounts counts as assigned to its person. An account that is "
    "not confirmed was stated by the person alone."
)
_OTHERS = "If one is wrong, ask the person, or an administrator of the workspace settings."
_PER_PAGE = 30
