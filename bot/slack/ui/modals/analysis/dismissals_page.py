"""Page of dismissed candidates: author, reason and current state of each."""

from bot.slack.protocol.block_builders import Block, View, button, context, divider, modal, section
from bot.slack.protocol.escaping import escape_name
from bot.slack.protocol.interactions import Action, ButtonKind
from bot.slack.protocol.targets import Target
from bot.slack.screens.page_data import PageData
from bot.slack.ui.modals.analysis.candidate_reasons import dismissal_reason
from bot.slack.ui.modals.page_declaration import Page
from bot.slack.ui.modals.paging import list_page, page_buttons
from domain.analysis.candidates import DismissalState, DismissedCandidate
from domain.commands import ReopenCandidate
from domain.kernel.text_formatting import count_phrase


def dismissals_page(showing: PageData) -> View:
    """Return every dismissal, latest first, each with a button to reopen it."""
    target, register = showing.target, showing.register
    shown = list_page(register.dismissed, target, _ON_A_PAGE)
    blocks = [section(f"*{count_phrase(shown.of, 'dismissed suggested threat')}*")]
    for one in shown.items:
        reason_text = one.dismissal
        again = _again(target.stream, one) if register.allows(ReopenCandidate) else None
        lines = [
            f"*{escape_name(one.title)}* · {reason_text.candidate}",
            escape_name(one.element_name) if one.element_name else "",
            f"Dismissed by {dismissal_reason(reason_text, showing.naming)}",
        ]
        blocks += [divider(), section("\n".join(line for line in lines if line), accessory=again)]
        changed = " The rule was updated since then." if one.rule_changed else ""
        if one.state is not DismissalState.HOLDS or changed:
            blocks.append(context(f"{_FATES[one.state]}{changed}".strip()))
    return modal(
        "Dismissed suggestions",
        [*blocks, *page_buttons(shown, target)],
        target=target,
    )


DISMISSALS = Page(name="dismissed", show=dismissals_page)


def _again(stream: str, one: DismissedCandidate) -> Block:
    id = one.dismissal.candidate
    reopening = Target(name=Action.REOPEN_CANDIDATE, stream=stream, element=id)
    return button("Reopen", ButtonKind.DO, reopening, suffix="again", spoken=f"Reopen {id}")


_FATES = {
    DismissalState.HOLDS: "",
    DismissalState.RETURNED: "↩ Its basis has changed, so it needs a new decision.",
    DismissalState.SILENT: "The rule no longer suggests it.",
    DismissalState.ORPHAN: "Its element was removed; the decision is kept.",
}
_ON_A_PAGE = 20
