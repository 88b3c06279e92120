"""Page of the reader's own ballots in the open rounds of a model; no one else can see it."""

from collections.abc import Sequence

from bot.slack.protocol.block_builders import Block, View, button, context, divider, modal, section
from bot.slack.protocol.date_markup import local_time
from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.protocol.interactions import ButtonKind
from bot.slack.protocol.targets import VotingTarget
from bot.slack.screens.ballot_papers import BallotPaper
from bot.slack.screens.page_data import PageData
from bot.slack.ui.modals.page_declaration import Page, PageSource
from bot.slack.ui.modals.paging import list_page, page_buttons
from domain.dread.metrics import Ballot, Metric
from domain.kernel.text_formatting import count_phrase, join_list
from domain.wording.secrecy_notices import OWN_BALLOTS_NOTICE, attribution_notice


def ballots_page(showing: PageData) -> View:
    """Return the reader's ballots, each with a button to change it, and those still owed.

    Its target has the round ended by the reader's last ballot, if there is one.
    """
    ballot_papers, over = showing.ballot_papers, VotingTarget.of(showing.target).voting_round
    again = [one for one in ballot_papers if over and one.revote_of == over]
    if not over:
        blocks: list[Block] = [section(_standing(ballot_papers))]
    else:
        blocks = [section(_ended(over)), *([section(_second_vote(again))] if again else [])]
    shown = list_page(ballot_papers, showing.target, _AT_ONCE)
    for paper in shown.items:
        blocks += [divider(), _row(showing.target.stream, paper)]
    blocks += page_buttons(shown, showing.target)
    if ballot_papers:
        few = {attribution_notice(one.panel) for one in ballot_papers} - {""}
        blocks.append(context(" ".join([OWN_BALLOTS_NOTICE, *sorted(few)])))
    return modal("My ballots", blocks, target=showing.target, close="Done")


BALLOTS = Page(name="ballots", target=VotingTarget, show=ballots_page, source=PageSource.BALLOT_PAPERS)


def _standing(ballot_papers: tuple[BallotPaper, ...]) -> str:
    if not ballot_papers:
        return "You have no open voting round in this model. You are notified when one opens."
    left = sum(one.ballot is None for one in ballot_papers)
    until = local_time(max(one.deadline for one in ballot_papers))
    if left:
        return f"{count_phrase(left, 'ballot')} of {len(ballot_papers)} to cast by {until}."
    return (
        f"✓ *Your {'ballot is' if len(ballot_papers) == 1 else 'ballots are'} saved.* You can "
        f"change your ballots until the round ends, at the latest {until}."
    )


def _ended(round: str) -> str:
    return (
        f"✓ *Your ballots are saved, and round {round} has ended.* The result is in the thread of the card."
    )


def _second_vote(ballot_papers: Sequence[BallotPaper]) -> str:
    """Return why there is a second vote, so that it does not look like a mistake."""
    contested = [one for one in ballot_papers if one.repeated]
    followed_up = [one for one in ballot_papers if one.follow_up]
    lines: list[str] = []
    if contested:
        lines += [
            "*The votes diverged* on these metrics, which are voted on again:",
            *(f"• {_labels(one.repeated)} of {_title(one)}" for one in contested[:_SHOWN]),
            *_more(contested),
        ]
    if followed_up:
        lines += [
            "*Two metrics are not enough* for these threats, so the remaining metrics are voted on:",
            *(f"• {_title(one)}" for one in followed_up[:_SHOWN]),
            *_more(followed_up),
        ]
    lines.append(f"Voting is open until {local_time(ballot_papers[0].deadline)}; then the medians count.")
    if contested:
        lines.append("The ballots show the reasons that voters gave for outlying numbers.")
    return "\n".join(lines)


def _more(ballot_papers: Sequence[BallotPaper]) -> list[str]:
    left = len(ballot_papers) - _SHOWN
    return [f"• and {left} more"] if left > 0 else []


def _labels(metrics: Sequence[Metric]) -> str:
    return " and ".join(f"*{metric.label}*" for metric in metrics)


def _row(stream: str, paper: BallotPaper) -> Block:
    threat, own = paper.threat, paper.ballot
    ballot_lines = _ballot_text(paper, own) if own else _asked(paper)
    target = VotingTarget(name="ballot", stream=stream, element=threat.id, voting_round=paper.round)
    label = "Change" if own else "Vote again" if paper.again else "Vote"
    pressed = button(
        label,
        ButtonKind.TURN,
        target,
        suffix=f"{paper.round}-{threat.id}",
        spoken=f"{label}: {threat.id}",
    )
    return section(f"{_title(paper)}\n{ballot_lines}", accessory=pressed)


def _asked(paper: BallotPaper) -> str:
    """Return what a missing ballot is about."""
    if not paper.again:
        return "No ballot yet"
    if paper.repeated:
        return f"Vote again on: {join_list([metric.label for metric in paper.repeated])}."
    return f"Vote now on: {join_list([metric.label for metric in paper.follow_up])}."


def _title(paper: BallotPaper) -> str:
    return f"*{escape_name(paper.threat.title)}* · {paper.threat.id}"


def _ballot_text(paper: BallotPaper, own: Ballot) -> str:
    numbers = " · ".join(f"{metric.label} *{_number(own.numbers.of(metric))}*" for metric in paper.metrics)
    return f"{numbers}\n“{escape(own.reason, _REASON)}”" if own.reason else numbers


def _number(given: int | None) -> str:
    return "?" if given is None else str(given)


_REASON = 300
_AT_ONCE = 20
_SHOWN = 6
