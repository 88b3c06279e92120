"""The page of dismissed candidates: who dismissed each and why, and what has become of it."""

from bot.slack.protocol.block_builders import Block, View, button, context, divider, modal, section
from bot.slack.protocol.escaping import name
from bot.slack.protocol.interactions import Deed, Page, Target, Trigger
from bot.slack.screens.page_data import Showing
from bot.slack.ui.modals.analysis.candidate_reasons import dismissed_because
from bot.slack.ui.modals.paging import leaf, turning
from domain.candidates import Dismissed, Fate
from domain.commands import ReopenCandidate
from domain.phrasing import counted


def dismissed_page(showing: Showing) -> View:
    """Every dismissal, the latest first, each with a button for another look."""
    target, register = showing.target, showing.register
    shown = leaf(register.dismissed, target, _ON_A_PAGE)
    blocks = [section(f"*{counted(shown.of, 'dismissed candidate')}*: what somebody said is no threat here.")]
    for one in shown.items:
        said = one.dismissal
        again = _again(target.stream, one) if register.allows(ReopenCandidate) else None
        lines = [
            f"*{name(one.title)}* · {said.candidate}",
            name(one.element_name) if one.element_name else "",
            f"Dismissed by {dismissed_because(said, showing.naming)}",
        ]
        blocks += [divider(), section("\n".join(line for line in lines if line), accessory=again)]
        changed = " The rule has a newer version since then." if one.rule_changed else ""
        if one.fate is not Fate.HOLDS or changed:
            blocks.append(context(f"{_FATES[one.fate]}{changed}".strip()))
    return modal(
        "Dismissed candidates", [*blocks, *turning(shown, target)], callback=Page.DISMISSED, target=target
    )


def _again(stream: str, one: Dismissed) -> Block:
    id = one.dismissal.candidate
    reopening = Target(what=Deed.REOPEN_CANDIDATE, stream=stream, element=id)
    return button("Look again", Trigger.DO, reopening, suffix="again", spoken=f"Look at {id} again")


_FATES = {
    Fate.HOLDS: "",
    Fate.RETURNED: "↩ What it was decided on has changed: it is up for decision again.",
    Fate.SILENT: "The rule does not bring it up any more.",
    Fate.ORPHAN: "What it was about was removed; the decision is kept.",
}
_ON_A_PAGE = 20
