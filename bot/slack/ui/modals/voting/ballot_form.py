"""Form of a ballot: one page for one threat of an open round."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

import msgspec

from bot.slack.protocol.date_markup import local_time
from bot.slack.protocol.escaping import clip, escape, escape_name, one_line
from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.targets import Target, VotingTarget
from bot.slack.screens.ballot_papers import BallotPaper
from bot.slack.ui.forms.form import Form, FormCommand, FormContext
from bot.slack.ui.forms.form_fields import ChoiceField, FormPart, Option, Paragraph, TextField
from bot.slack.ui.forms.form_traits import FormData, FormSubmission
from bot.slack.ui.forms.submitted_values import SubmittedValues
from bot.slack.ui.forms.write_effects import WriteEffect
from domain.commands import CastBallot
from domain.dread.metrics import HIGHEST, LOWEST, Confidence, Discoverability, Metric, Numbers
from domain.dread.rubric import RUBRICS
from domain.kernel.elements import PersonId
from domain.kernel.length_limits import TEXT
from domain.kernel.threat import ThreatId
from domain.wording.secrecy_notices import reason_notice, secrecy_notice

ABSTAIN = "?"
"""The option of a voter who abstains."""


def _ballot(opening: FormContext) -> Sequence[FormPart]:
    paper = opening.paper
    if paper is None:
        raise StaleButton("No round about this threat is open for you (any more).")
    threat, own = paper.threat, paper.ballot
    return [
        Paragraph(text=_about(paper)),
        *_only_again(paper),
        *(_question(paper, metric) for metric in paper.metrics),
        *_not_asked(paper),
        TextField(
            key=f"reason/{threat.id}",
            label="Why?",
            hint=reason_notice(paper.panel),
            limit=TEXT,
            initial=own.reason if own else "",
        ),
        ChoiceField(
            key=f"confidence/{threat.id}",
            label="How sure are you?",
            options=tuple(Option(value=one.value, text=_SURE[one]) for one in Confidence),
            initial=own.confidence.value if own and own.confidence else None,
        ),
        Paragraph(text=f"_{secrecy_notice(paper.panel)}_"),
    ]


def _about(paper: BallotPaper) -> str:
    threat = paper.threat
    where = f" · {escape_name(paper.about)}" if paper.about else ""
    lines = [
        f"*{escape_name(threat.title, _TITLE)}* · {threat.id}",
        f"{', '.join(one.label for one in threat.stride)}{where}",
    ]
    if threat.description:
        lines.append(escape(threat.description, _DESCRIPTION))
    lines.append(
        f"Threat {paper.number} of {paper.of} · you may change your mind until {local_time(paper.deadline)}"
    )
    if not paper.again:
        lines.append(
            f"_{LOWEST} is least and {HIGHEST} is most; a number between two texts lies between them._"
        )
    return "\n".join(lines)


def _only_again(paper: BallotPaper) -> list[FormPart]:
    if not paper.again:
        return []
    contested = " and ".join(f"*{metric.label}*" for metric in paper.metrics)
    words = (
        f"The first vote is over. Opinions on {contested} were far apart, so only this is asked again, "
        "once; then the median stands."
    )
    why = [f"• {escape(one, _EXPLAINED)}" for one in paper.explained]
    return [
        Paragraph(text="\n".join([words, *(["What people say who were at an end:"] if why else []), *why]))
    ]


def _question(paper: BallotPaper, metric: Metric) -> FormPart:
    given = paper.ballot.numbers.of(metric) if paper.ballot else None
    initial = ABSTAIN if paper.ballot and given is None else None
    return ChoiceField(
        key=f"{metric}/{paper.threat.id}",
        label=metric.label,
        hint=_hint(paper, metric),
        options=_options(metric, paper.rubric),
        initial=str(given) if given is not None else initial,
        required=True,
    )


def _hint(paper: BallotPaper, metric: Metric) -> str:
    """Return the definition of the metric and its yardsticks; the options explain the numbers."""
    measured = [
        f"{one.threat} “{clip(one_line(one.title), _YARDSTICK)}” was {one.medians[metric]:g}"
        for one in paper.yardsticks
        if metric in one.medians
    ]
    hints = [metric.question, *_before(paper, metric)]
    if measured:
        hints.append(f"To measure by: {'; '.join(measured)}.")
    return " ".join(hints)


def _before(paper: BallotPaper, metric: Metric) -> list[str]:
    """Return the result of the first vote for a second one, with the reader's own number."""
    if paper.tally is None or not paper.tally.numbers.get(metric):
        return []
    numbers = paper.tally.numbers[metric]
    introduction = f"The first time: {numbers[0]} to {numbers[-1]}, median {paper.tally.medians[metric]:g}"
    own = paper.before.numbers.of(metric) if paper.before else None
    return [f"{introduction}; yours was {own}." if own is not None else f"{introduction}."]


def _not_asked(paper: BallotPaper) -> list[FormPart]:
    match paper.discoverability:
        case Discoverability.FIXED:
            return [Paragraph(text=f"Discoverability counts as {HIGHEST} in this round, whatever we think.")]
        case Discoverability.LEFT_OUT:
            return [Paragraph(text="Discoverability is left out of this round.")]
        case Discoverability.VOTED:
            return []


@cache
def _options(metric: Metric, rubric: int) -> tuple[Option, ...]:
    anchors = RUBRICS[rubric][metric]
    numbers = (
        Option(value=str(number), text=f"{number} · {anchors[number]}" if number in anchors else str(number))
        for number in range(LOWEST, HIGHEST + 1)
    )
    return (*numbers, Option(value=ABSTAIN, text="? · I cannot tell"))


_SURE = {Confidence.LOW: "Not very", Confidence.MEDIUM: "Fairly", Confidence.HIGH: "Very"}
_TITLE = 200
_DESCRIPTION = 800
_YARDSTICK = 40
_EXPLAINED = 220


def _make_ballot(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    threat = target.element
    ratings = {metric: values.text(f"{metric}/{threat}") for metric in Metric}
    try:
        given = {metric.value: int(one) for metric, one in ratings.items() if one not in ("", ABSTAIN)}
        confidence = values.text(f"confidence/{threat}")
        return CastBallot(
            by=by,
            at=at,
            round=VotingTarget.of(target).voting_round,
            threat=ThreatId(threat),
            numbers=msgspec.convert(given, Numbers),
            reason=values.text(f"reason/{threat}"),
            confidence=Confidence(confidence) if confidence else None,
        )
    except ValueError as error:
        raise StaleButton from error


BALLOT = Form(
    name="ballot",
    target=VotingTarget,
    submission=FormSubmission.BALLOT,
    writes=WriteEffect.OWN,
    needs=FormData.PAPER,
    title=lambda opening: "Vote again" if opening.paper and opening.paper.again else "Vote",
    submit=lambda opening: (
        "Save" if opening.paper and opening.paper.number == opening.paper.of else "Save and go on"
    ),
    parts=_ballot,
    build_command=_make_ballot,
    close="Later",
)
