"""Page of the approvals that an imported file ascribes to its reader."""

from bot.slack.protocol.block_builders import Block, View, button, modal, section
from bot.slack.protocol.escaping import escape_name
from bot.slack.protocol.interactions import ButtonKind
from bot.slack.protocol.targets import Target
from bot.slack.screens.page_data import PageData
from bot.slack.ui.modals.page_declaration import Page
from bot.slack.ui.modals.paging import list_page, page_buttons
from bot.slack.ui.texts.common_texts import imported_line
from domain.kernel.import_mark import SCREENING, Claim
from domain.register import ThreatRegister


def claims_page(showing: PageData) -> View:
    """Return what the reader can still confirm, each with the page on which they do."""
    target, register = showing.target, showing.register
    mine = [one for one in register.claims if one.person == showing.reader]
    shown = list_page(mine, target, _ON_A_PAGE)
    head = _HOW if mine else "Nothing is left for you to confirm."
    blocks = [section(f"{imported_line(register, showing.naming)}\n{head}".strip())]
    blocks += [_row(target.stream, register, one) for one in shown.items]
    return modal("Imported approvals", [*blocks, *page_buttons(shown, target)], target=target, close="Done")


CLAIMS = Page(name="claims", show=claims_page)


def _row(stream: str, register: ThreatRegister, claim: Claim) -> Block:
    subject = claim.subject
    if subject == SCREENING:
        opened = Target(name="coverage", stream=stream)
        return _with_button("*Confirmed*: the topics that are screened out", opened, subject)
    found = next((one for one in register.mitigations if one.mitigation.id == subject), None)
    threat = found.threat if found else subject
    opened = Target(name="response", stream=stream, element=threat)
    if found:
        return _with_button(f"*Verified*: {escape_name(found.mitigation.title)} · {subject}", opened, subject)
    title = next((one.title for one in register.threats if one.id == subject), "")
    return _with_button(f"*Approved*: accepting {escape_name(title)} · {subject}", opened, subject)


def _with_button(text: str, opened: Target, subject: str) -> Block:
    return section(
        text,
        accessory=button(
            "Open", ButtonKind.SHOW, opened, suffix=f"claim-{subject}", spoken=f"Open {subject}"
        ),
    )


_HOW = (
    "The file names you for the following. If one of them is your word, open it and approve, verify or "
    "confirm it: it then counts as yours. Otherwise, leave it as it is."
)
_ON_A_PAGE = 25
