"""Forms and page of ballots."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from bot.slack.protocol.block_builders import Block, View, button, context, divider, modal, section
from bot.slack.protocol.escaping import clip, escape, escape_name, local_time, one_line
from bot.slack.protocol.targets import ButtonKind, StaleButton, Target, VotingTarget
from bot.slack.screens.ballot_papers import BallotPaper
from bot.slack.screens.page_data import PageData
from bot.slack.ui.forms.form import Form, FormCommand, FormContext, FormData, FormSubmission, WriteEffect
from bot.slack.ui.forms.form_fields import (
    CheckboxesField,
    CheckboxField,
    ChoiceField,
    Divider,
    FormPart,
    Option,
    Paragraph,
    SubmittedValues,
    TextField,
)
from bot.slack.ui.modals.page_declaration import Page, PageSource, list_page, page_buttons
from domain.commands import BallotEntry, CastBallot, CastBallots
from domain.dread.metrics import (
    HIGHEST,
    LOWEST,
    Ballot,
    BallotLength,
    Confidence,
    Discoverability,
    Metric,
    Numbers,
)
from domain.dread.rubric import RUBRICS
from domain.kernel.elements import PersonId
from domain.kernel.length_limits import TEXT
from domain.kernel.text_formatting import count_phrase, join_list
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import RoundId
from domain.wording.secrecy_notices import (
    OWN_BALLOTS_NOTICE,
    attribution_notice,
    reason_notice,
    secrecy_notice,
)

ABSTAIN = "?"
"""The option of a voter who abstains."""


def rating_field(paper: BallotPaper, metric: Metric) -> ChoiceField:
    """Return the select for one metric of a threat, with the voter's earlier number."""
    given = paper.ballot.numbers.of(metric) if paper.ballot else None
    initial = ABSTAIN if paper.ballot and given is None else None
    return ChoiceField(
        key=f"{metric}/{paper.threat.id}",
        label=metric.label,
        hint=_hint(paper, metric),
        options=_rating_options(metric, paper.rubric),
        initial=str(given) if given is not None else initial,
        required=True,
    )


def _hint(paper: BallotPaper, metric: Metric) -> str:
    """Return the definition of the metric and its yardsticks; the options explain the numbers."""
    measured = [
        f"{one.threat} “{clip(one_line(one.title), _YARDSTICK)}” was rated {one.medians[metric]:g}"
        for one in paper.yardsticks
        if metric in one.medians
    ]
    hints = [metric.question, *_before(paper, metric)]
    if measured:
        hints.append(f"Reference: {'; '.join(measured)}.")
    return " ".join(hints)


def _before(paper: BallotPaper, metric: Metric) -> list[str]:
    """Return the result of the first vote for a second one, with the reader's own number."""
    if paper.tally is None or not paper.tally.numbers.get(metric):
        return []
    numbers = paper.tally.numbers[metric]
    introduction = f"First vote: {numbers[0]} to {numbers[-1]}, median {paper.tally.medians[metric]:g}"
    own = paper.before.numbers.of(metric) if paper.before else None
    return [f"{introduction}; yours was {own}." if own is not None else f"{introduction}."]


def submitted_numbers(values: SubmittedValues, threat: str) -> Numbers:
    """Return the numbers that a voter chose for a threat; raises ValueError for anything else."""
    ratings = {metric.value: values.text(f"{metric}/{threat}") for metric in Metric}
    return Numbers(**{metric: int(one) for metric, one in ratings.items() if one not in ("", ABSTAIN)})


@cache
def _rating_options(metric: Metric, rubric: int) -> tuple[Option, ...]:
    anchors = RUBRICS[rubric][metric]
    numbers = (
        Option(value=str(number), text=f"{number} · {anchors[number]}" if number in anchors else str(number))
        for number in range(LOWEST, HIGHEST + 1)
    )
    return (*numbers, Option(value=ABSTAIN, text="? · Unable to rate"))


_YARDSTICK = 40


def quick_ballot_page(papers: Sequence[BallotPaper]) -> list[FormPart]:
    """Return the page of several papers of the same round."""
    return [
        Paragraph(text=_introduction(papers)),
        *(part for paper in papers for part in _threat(paper)),
        Divider(),
        CheckboxesField(
            key=_FOLLOW_UP,
            label="Vote on the other metrics after this round",
            hint="For threats that need more than two metrics. The request is anonymous.",
            options=tuple(
                Option(
                    value=one.threat.id, text=f"{one.threat.id} {clip(one_line(one.threat.title), _SHORT)}"
                )
                for one in papers
            ),
            initial=tuple(one.threat.id for one in papers if one.ballot and one.ballot.follow_up),
        ),
        Paragraph(text=f"_{secrecy_notice(papers[0].panel)}_"),
    ]


def quick_ballots(values: SubmittedValues, round: RoundId, by: PersonId, at: datetime) -> CastBallots:
    """Return the ballots of a submitted page; raises StaleButton without any, ValueError for bad numbers."""
    threats = [key.partition("/")[2] for key in values.by_key if key.startswith(f"{Metric.DAMAGE}/")]
    if not threats:
        raise StaleButton
    requested = values.many(_FOLLOW_UP)
    return CastBallots(
        by=by,
        at=at,
        round=round,
        ballots=tuple(
            BallotEntry(
                threat=ThreatId(threat),
                numbers=submitted_numbers(values, threat),
                follow_up=threat in requested,
            )
            for threat in threats
        ),
    )


def _introduction(papers: Sequence[BallotPaper]) -> str:
    given = papers[0].of - papers[0].owed
    first, last, of = given + 1, given + len(papers), papers[0].of
    which = f"Ballots {first} to {last} of {of}" if len(papers) > 1 else f"Ballot {first} of {of}"
    return (
        f"*{which}* · you can change your ballots until {local_time(papers[0].deadline)}\n"
        f"_{LOWEST} is the lowest and {HIGHEST} the highest rating. Use numbers between two descriptions "
        "for cases in between. The other metrics are derived from the model._"
    )


def _threat(paper: BallotPaper) -> list[FormPart]:
    threat = paper.threat
    where = f" · {escape_name(paper.about)}" if paper.about else ""
    lines = [
        f"*{escape_name(threat.title, _TITLE)}* · {threat.id}",
        f"{', '.join(one.label for one in threat.stride)}{where}",
    ]
    if threat.description:
        lines.append(escape(one_line(threat.description), _DESCRIPTION))
    return [
        Divider(),
        Paragraph(text="\n".join(lines)),
        *(rating_field(paper, metric) for metric in paper.metrics),
    ]


_FOLLOW_UP = "follow_up"
_SHORT = 50
_TITLE = 200
_DESCRIPTION = 300


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


def _ballot(opening: FormContext) -> Sequence[FormPart]:
    if opening.papers:
        return quick_ballot_page(opening.papers)
    paper = opening.paper
    if paper is None:
        raise StaleButton("You have no open ballot on this threat.")
    threat, own = paper.threat, paper.ballot
    return [
        Paragraph(text=_about(paper)),
        *_only_again(paper),
        *(rating_field(paper, metric) for metric in paper.metrics),
        *_not_asked(paper),
        *_follow_up(paper),
        TextField(
            key=f"reason/{threat.id}",
            label="Reason",
            hint=reason_notice(paper.panel),
            limit=TEXT,
            initial=own.reason if own else "",
        ),
        ChoiceField(
            key=f"confidence/{threat.id}",
            label="Confidence",
            options=tuple(Option(value=one.value, text=_SURE[one]) for one in Confidence),
            initial=own.confidence.value if own and own.confidence else None,
        ),
        Paragraph(text=f"_{secrecy_notice(paper.panel)}_"),
    ]


def _about(paper: BallotPaper) -> str:
    threat = paper.threat
    where = f" · {escape_name(paper.about)}" if paper.about else ""
    lines = [
        f"*{escape_name(threat.title, _BALLOT_TITLE)}* · {threat.id}",
        f"{', '.join(one.label for one in threat.stride)}{where}",
    ]
    if threat.description:
        lines.append(escape(threat.description, _BALLOT_DESCRIPTION))
    lines.append(
        f"Threat {paper.number} of {paper.of} · you can change your ballot until {local_time(paper.deadline)}"
    )
    if not paper.again:
        lines.append(
            f"_{LOWEST} is the lowest and {HIGHEST} the highest rating. Use numbers between two "
            "descriptions for cases in between._"
        )
    return "\n".join(lines)


def _only_again(paper: BallotPaper) -> list[FormPart]:
    if not paper.again:
        return []
    contested = " and ".join(f"*{metric.label}*" for metric in paper.repeated)
    lines = ["The first vote has ended."]
    if contested:
        lines.append(f"The votes on {contested} diverged, so you vote on them again; then the median counts.")
    if uncounted := [metric.label for metric in paper.repeated if not _gave(paper, metric)]:
        lines.append(f"You gave no number for {join_list(uncounted)} then, so yours is not counted now.")
    if paper.follow_up:
        left_out = join_list([f"*{metric.label}*" for metric in paper.follow_up])
        lines.append(
            f"{left_out} were not part of the quick ballot. They are voted on now because the band is "
            "close to critical or a voter requested it."
        )
    why = [f"• {escape(one, _EXPLAINED)}" for one in paper.explained]
    reasons = ["Reasons for votes far from the others:", *why] if why else []
    return [Paragraph(text="\n".join([" ".join(lines), *reasons]))]


def _gave(paper: BallotPaper, metric: Metric) -> bool:
    return paper.before is not None and paper.before.numbers.of(metric) is not None


def _follow_up(paper: BallotPaper) -> list[FormPart]:
    if paper.length is not BallotLength.QUICK:
        return []
    requested = paper.ballot.follow_up if paper.ballot else False
    return [
        CheckboxField(
            key=f"follow_up/{paper.threat.id}",
            label="Other metrics",
            text="Vote on the other metrics after this round",
            initial=requested,
        )
    ]


def _not_asked(paper: BallotPaper) -> list[FormPart]:
    match paper.discoverability:
        case Discoverability.FIXED:
            return [Paragraph(text=f"Discoverability is fixed at {HIGHEST} in this round.")]
        case Discoverability.LEFT_OUT:
            return [Paragraph(text="Discoverability is not rated in this round.")]
        case Discoverability.VOTED:
            return []


_SURE = {Confidence.LOW: "Low", Confidence.MEDIUM: "Medium", Confidence.HIGH: "High"}
_BALLOT_TITLE = 200
_BALLOT_DESCRIPTION = 800
_EXPLAINED = 220


def _make_ballot(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    threat, voting_round = target.element, VotingTarget.of(target).voting_round
    try:
        if not threat:
            return quick_ballots(values, voting_round, by, at)
        confidence = values.text(f"confidence/{threat}")
        return CastBallot(
            by=by,
            at=at,
            round=voting_round,
            threat=ThreatId(threat),
            numbers=submitted_numbers(values, threat),
            reason=values.text(f"reason/{threat}"),
            confidence=Confidence(confidence) if confidence else None,
            follow_up=bool(values.many(f"follow_up/{threat}")),
        )
    except ValueError as error:
        raise StaleButton from error


def _ballot_title(paper: BallotPaper | None) -> str:
    if paper is None or not paper.again:
        return "Vote"
    return "Vote again" if paper.repeated else "Follow-up vote"


def _is_last(opening: FormContext) -> bool:
    if opening.papers:
        return opening.papers[0].owed <= len(opening.papers)
    return opening.paper is not None and opening.paper.number == opening.paper.of


BALLOT = Form(
    name="ballot",
    target=VotingTarget,
    submission=FormSubmission.BALLOT,
    writes=WriteEffect.OWN,
    needs=FormData.PAPER,
    title=lambda opening: _ballot_title(opening.paper),
    submit=lambda opening: "Save" if _is_last(opening) else "Save and continue",
    parts=_ballot,
    build_command=_make_ballot,
    close="Later",
)
