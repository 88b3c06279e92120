"""Forms and page of ballots."""

from collections.abc import Sequence
from functools import cache

import msgspec

from bot.slack.protocol.block_builders import Block, View, context, divider, modal, section
from bot.slack.protocol.escaping import clip, escape, escape_name, local_time, one_line
from bot.slack.protocol.targets import StaleButton, VotingTarget
from bot.slack.screens.ballot_papers import BallotPaper
from bot.slack.screens.page_data import PageData
from bot.slack.ui.forms.form import (
    Entry,
    Form,
    FormCommand,
    FormContext,
    FormData,
    FormSubmission,
    OwedBallots,
    WriteEffect,
)
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
from bot.slack.ui.model_buttons import ModelButtons
from bot.slack.ui.texts.common_texts import first_lines
from bot.slack.ui.texts.score_texts import threat_label
from domain.commands import BallotEntry, CastBallot, CastBallots
from domain.dread.metrics import (
    HIGHEST,
    LOWEST,
    BallotLength,
    Confidence,
    Discoverability,
    Metric,
    Numbers,
)
from domain.dread.rubric import RUBRICS
from domain.kernel.length_limits import TEXT
from domain.kernel.text_formatting import count_phrase, join_list
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import RoundId
from domain.wording.voting import (
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
    """Return the definition of the metric and its references; the options explain the numbers."""
    measured = [
        f"{one.threat} “{clip(one_line(one.title), _REFERENCE_THREAT)}” was rated {one.medians[metric]:g}"
        for one in paper.reference_threats
        if metric in one.medians
    ]
    references = [f"Reference: {'; '.join(measured)}."] if measured else []
    return " ".join([metric.question, *_before(paper, metric), *references])


def _before(paper: BallotPaper, metric: Metric) -> list[str]:
    """Return the result of the first vote for a second one, with the reader's own number."""
    if paper.tally is None or not paper.tally.numbers.get(metric):
        return []
    numbers = paper.tally.numbers[metric]
    introduction = f"First vote: {numbers[0]} to {numbers[-1]}, median {paper.tally.medians[metric]:g}"
    own = paper.before.numbers.of(metric) if paper.before else None
    return [f"{introduction}; yours was {own}." if own is not None else f"{introduction}."]


def submitted_numbers(values: SubmittedValues, threat: str) -> Numbers:
    """Return the numbers that a voter chose for a threat; raises msgspec.ValidationError for others."""
    ratings = {metric.value: values.text(f"{metric}/{threat}") for metric in Metric}
    chosen = {metric: one for metric, one in ratings.items() if one not in ("", ABSTAIN)}
    return msgspec.convert(chosen, Numbers, strict=False)


@cache
def _rating_options(metric: Metric, rubric: int) -> tuple[Option, ...]:
    anchors = RUBRICS[rubric][metric]
    numbers = (
        Option(value=str(number), text=f"{number} · {anchors[number]}" if number in anchors else str(number))
        for number in range(LOWEST, HIGHEST + 1)
    )
    return (*numbers, Option(value=ABSTAIN, text="? · Unable to rate"))


_REFERENCE_THREAT = 40


def ballot_page_parts(papers: Sequence[BallotPaper]) -> list[FormPart]:
    """Return the page of several papers of the same round: quick ballots, or those of a second vote."""
    first = papers[0]
    given = first.of - first.owed
    which = f"Ballots {given + 1} to {given + len(papers)}" if len(papers) > 1 else f"Ballot {given + 1}"
    introduction = f"*{which} of {first.of}* · you can change your ballots until {local_time(first.deadline)}"
    explained = _second_vote_explained(papers) if first.again else f"{_SCALE} {_DERIVED}"
    return [
        Paragraph(text=f"{introduction}\n_{explained}_"),
        *(part for paper in papers for part in _threat(paper)),
        Divider(),
        *([] if first.again else [_follow_ups_field(papers)]),
        Paragraph(text=f"_{secrecy_notice(first.panel)}_"),
    ]


def _follow_ups_field(papers: Sequence[BallotPaper]) -> CheckboxesField:
    return CheckboxesField(
        key=_FOLLOW_UP,
        label="Vote on the other metrics after this round",
        hint="For threats that need more than two metrics. The request is anonymous.",
        options=tuple(
            Option(value=one.threat.id, text=threat_label(one.threat.id, one.threat.title)) for one in papers
        ),
        initial=tuple(one.threat.id for one in papers if one.ballot and one.ballot.follow_up),
    )


def _second_vote_explained(papers: Sequence[BallotPaper]) -> str:
    lines = ["The first vote has ended."]
    if any(paper.repeated for paper in papers):
        lines.append("You vote again on the metrics on which the votes diverged; then the median counts.")
    if any(paper.follow_up for paper in papers):
        lines.append(f"Metrics that were not part of the quick ballot are voted on now {_WHY_FOLLOW_UP}.")
    return " ".join(lines)


_DERIVED = "The other metrics are derived from the model."
_WHY_FOLLOW_UP = "because the band is close to critical or a voter requested it"

_SCALE = (
    f"{LOWEST} is the lowest and {HIGHEST} the highest rating. Use numbers between two descriptions for "
    "cases in between."
)


def page_ballots(entry: Entry, round: RoundId) -> CastBallots:
    """Return the ballots of a submitted page; raises StaleButton without any, as `submitted_numbers`."""
    rated = (key.partition("/") for key in entry.values.by_key)
    threats = dict.fromkeys(threat for metric, _, threat in rated if metric in {*Metric} and threat)
    if not threats:
        raise StaleButton
    ballots = tuple(
        BallotEntry(
            threat=ThreatId(threat),
            numbers=submitted_numbers(entry.values, threat),
            follow_up=threat in entry.values.many(_FOLLOW_UP),
        )
        for threat in threats
    )
    return CastBallots(by=entry.by, at=entry.at, round=round, ballots=ballots)


def _threat(paper: BallotPaper) -> list[FormPart]:
    description = escape(one_line(paper.threat.description), _DESCRIPTION, empty="")
    return [
        Divider(),
        Paragraph(text="\n".join([*_threat_lines(paper, description), *_again_lines(paper)])),
        *(rating_field(paper, metric) for metric in paper.metrics),
    ]


def _again_lines(paper: BallotPaper) -> list[str]:
    """Return what a second vote on one of several threats is about, with the reasons given for numbers."""
    asked = [
        f"{join_list([f'*{metric.label}*' for metric in metrics])}: {why}"
        for metrics, why in (
            (paper.repeated, "the votes diverged."),
            (paper.follow_up, "not voted on before."),
        )
        if metrics and paper.again
    ]
    return [*asked, *_uncounted(paper), *_reasons(paper)]


def _threat_lines(paper: BallotPaper, description: str) -> list[str]:
    threat = paper.threat
    where = f" · {escape_name(paper.about, _PLACES)}" if paper.about else ""
    return [
        f"*{escape_name(threat.title)}* · {threat.id}",
        f"{', '.join(category.label for category in threat.stride)}{where}",
        *([description] if description else []),
    ]


_FOLLOW_UP = "follow_up"
_PLACES = 500
_DESCRIPTION = 300


def ballots_page(showing: PageData) -> View:
    """Return the reader's ballots, each with a button to change it, and those still owed.

    Its target has the round ended by the reader's last ballot, if there is one.
    """
    ballot_papers, over = showing.ballot_papers, VotingTarget.of(showing.target).voting_round
    again = [ballot_paper for ballot_paper in ballot_papers if over and ballot_paper.revote_of == over]
    if not over:
        blocks: list[Block] = [section(_standing(ballot_papers))]
    else:
        blocks = [section(_ended(over)), *([section(_second_vote(again))] if again else [])]
    shown = list_page(ballot_papers, showing.target, _AT_ONCE)
    for paper in shown.items:
        blocks += [divider(), _row(showing.target.stream, paper)]
    blocks += page_buttons(shown, showing.target)
    if ballot_papers:
        few = {attribution_notice(ballot_paper.panel) for ballot_paper in ballot_papers} - {""}
        blocks.append(context(" ".join([OWN_BALLOTS_NOTICE, *sorted(few)])))
    return modal("My ballots", blocks, target=showing.target, close="Done")


BALLOTS = Page(name="ballots", target=VotingTarget, show=ballots_page, source=PageSource.BALLOT_PAPERS)


NOTHING_TO_VOTE_ON = (
    "You have no open voting round in this model. You are notified when one opens. "
    "The facilitator can open one: “More…”, then “Open voting round”."
)


def _standing(ballot_papers: tuple[BallotPaper, ...]) -> str:
    if not ballot_papers:
        return NOTHING_TO_VOTE_ON
    left = sum(paper.ballot is None for paper in ballot_papers)
    until = local_time(max(paper.deadline for paper in ballot_papers))
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
    contested = [
        f"• {' and '.join(f'*{metric.label}*' for metric in paper.repeated)} of {_title(paper)}"
        for paper in ballot_papers
        if paper.repeated
    ]
    followed_up = [f"• {_title(paper)}" for paper in ballot_papers if paper.follow_up]
    lines: list[str] = []
    for listed, why in (
        (contested, "*The votes diverged* on these metrics, which are voted on again:"),
        (
            followed_up,
            "*Two metrics are not enough* for these threats, so the remaining metrics are voted on:",
        ),
    ):
        lines += [why, *first_lines(listed, _SHOWN, "• and {} more")] if listed else []
    lines.append(f"Voting is open until {local_time(ballot_papers[0].deadline)}; then the medians count.")
    if contested:
        lines.append("The ballots show the reasons that voters gave for outlying numbers.")
    return "\n".join(lines)


def _title(paper: BallotPaper) -> str:
    return f"*{escape_name(paper.threat.title)}* · {paper.threat.id}"


def _row(stream: str, paper: BallotPaper) -> Block:
    id, own = paper.threat.id, paper.ballot
    if own:
        given = {metric: own.numbers.of(metric) for metric in paper.metrics}
        text = " · ".join(
            f"{metric.label} *{'?' if number is None else number}*" for metric, number in given.items()
        )
        text += f"\n“{escape(own.reason, _REASON)}”" if own.reason else ""
    elif not paper.again:
        text = "No ballot yet"
    elif paper.repeated:
        text = f"Vote again on: {join_list([metric.label for metric in paper.repeated])}."
    else:
        text = f"Vote now on: {join_list([metric.label for metric in paper.follow_up])}."
    label = "Change" if own else "Vote again" if paper.again else "Vote"
    target = VotingTarget(name="ballot", element=id, voting_round=paper.round)
    suffix, spoken = f"{paper.round}-{id}", f"{label}: {id}"
    pressed = ModelButtons(stream).turns(label, target, suffix=suffix, spoken=spoken)
    return section(f"{_title(paper)}\n{text}", accessory=pressed)


_REASON = 300
_AT_ONCE = 20
_SHOWN = 6


def _ballot(opening: FormContext) -> Sequence[FormPart]:
    owed = opening.find(OwedBallots) or OwedBallots()
    if owed.page:
        return ballot_page_parts(owed.page)
    paper = owed.paper
    if paper is None:
        raise StaleButton("You have no open ballot on this threat.")
    threat, own = paper.threat, paper.ballot
    return [
        Paragraph(text=_about(paper)),
        *_only_again(paper),
        *(rating_field(paper, metric) for metric in paper.metrics),
        *_not_asked(paper),
        *([_follow_up_field(paper)] if paper.length is BallotLength.QUICK else []),
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
    description, place = paper.threat.description, f"Threat {paper.number} of {paper.of}"
    return "\n".join(
        [
            *_threat_lines(paper, escape(description, _BALLOT_DESCRIPTION) if description else ""),
            f"{place} · you can change your ballot until {local_time(paper.deadline)}",
            *([] if paper.again else [f"_{_SCALE}_"]),
        ]
    )


def _only_again(paper: BallotPaper) -> list[FormPart]:
    if not paper.again:
        return []
    contested = " and ".join(f"*{metric.label}*" for metric in paper.repeated)
    lines = ["The first vote has ended."]
    if contested:
        lines.append(f"The votes on {contested} diverged, so you vote on them again; then the median counts.")
    lines += _uncounted(paper)
    if paper.follow_up:
        left_out = join_list([f"*{metric.label}*" for metric in paper.follow_up])
        lines.append(f"{left_out} were not part of the quick ballot. They are voted on now {_WHY_FOLLOW_UP}.")
    return [Paragraph(text="\n".join([" ".join(lines), *_reasons(paper)]))]


def _uncounted(paper: BallotPaper) -> list[str]:
    """Return that a voter's numbers are not counted, because they gave none in the first vote."""
    before = paper.before.numbers if paper.before else None
    labels = [metric.label for metric in paper.repeated if before is None or before.of(metric) is None]
    return (
        [f"You gave no number for {join_list(labels)} then, so yours is not counted now."] if labels else []
    )


def _reasons(paper: BallotPaper) -> list[str]:
    why = [f"• {escape(one, _EXPLAINED)}" for one in paper.explained]
    return ["Reasons for votes far from the others:", *why] if why else []


def _follow_up_field(paper: BallotPaper) -> CheckboxField:
    return CheckboxField(
        key=f"follow_up/{paper.threat.id}",
        label="Other metrics",
        text="Vote on the other metrics after this round",
        initial=paper.ballot.follow_up if paper.ballot else False,
    )


def _not_asked(paper: BallotPaper) -> list[FormPart]:
    match paper.discoverability:
        case Discoverability.FIXED:
            return [Paragraph(text=f"Discoverability is fixed at {HIGHEST} in this round.")]
        case Discoverability.LEFT_OUT:
            return [Paragraph(text="Discoverability is not rated in this round.")]
        case Discoverability.VOTED:
            return []


_SURE = {Confidence.LOW: "Low", Confidence.MEDIUM: "Medium", Confidence.HIGH: "High"}
_BALLOT_DESCRIPTION = 800
_EXPLAINED = 220


def _make_ballot(entry: Entry) -> FormCommand:
    threat, voting_round = entry.target.element, VotingTarget.of(entry.target).voting_round
    if not threat:
        return page_ballots(entry, voting_round)
    return entry.command(
        CastBallot,
        "threat",
        round=voting_round,
        numbers=submitted_numbers(entry.values, threat),
        reason=entry.text(f"reason/{threat}"),
        confidence=entry.text(f"confidence/{threat}") or None,
        follow_up=bool(entry.values.many(f"follow_up/{threat}")),
    )


def _ballot_title(opening: FormContext) -> str:
    owed = opening.find(OwedBallots)
    papers = (owed.page or (owed.paper,)) if owed else ()
    again = [paper for paper in papers if paper and paper.again]
    if not again:
        return "Vote"
    return "Vote again" if any(paper.repeated for paper in again) else "Follow-up vote"


def _submit(opening: FormContext) -> str:
    owed = opening.find(OwedBallots) or OwedBallots()
    is_last = owed.paper is not None and owed.paper.number == owed.paper.of
    if owed.page:
        is_last = owed.page[0].owed <= len(owed.page)
    return "Save" if is_last else "Save and continue"


BALLOT = Form(
    name="ballot",
    target=VotingTarget,
    submission=FormSubmission.BALLOT,
    writes=WriteEffect.OWN,
    needs=FormData.PAPER,
    title=_ballot_title,
    submit=_submit,
    parts=_ballot,
    build_command=_make_ballot,
    close="Later",
)
