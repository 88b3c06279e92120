"""Form of a ballot: one page for one threat of an open round, or for several with quick ballots."""

from collections.abc import Sequence
from datetime import datetime

from bot.slack.protocol.date_markup import local_time
from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.targets import Target, VotingTarget
from bot.slack.screens.ballot_papers import BallotPaper
from bot.slack.ui.forms.form import Form, FormCommand, FormContext
from bot.slack.ui.forms.form_fields import CheckboxField, ChoiceField, FormPart, Option, Paragraph, TextField
from bot.slack.ui.forms.form_traits import FormData, FormSubmission
from bot.slack.ui.forms.submitted_values import SubmittedValues
from bot.slack.ui.forms.write_effects import WriteEffect
from bot.slack.ui.modals.voting.quick_ballot_page import quick_ballot_page, quick_ballots
from bot.slack.ui.modals.voting.rating_fields import rating_field, submitted_numbers
from domain.commands import CastBallot
from domain.dread.metrics import HIGHEST, LOWEST, BallotLength, Confidence, Discoverability, Metric
from domain.kernel.elements import PersonId
from domain.kernel.length_limits import TEXT
from domain.kernel.text_formatting import join_list
from domain.kernel.threat import ThreatId
from domain.wording.secrecy_notices import reason_notice, secrecy_notice


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
        f"*{escape_name(threat.title, _TITLE)}* · {threat.id}",
        f"{', '.join(one.label for one in threat.stride)}{where}",
    ]
    if threat.description:
        lines.append(escape(threat.description, _DESCRIPTION))
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
_TITLE = 200
_DESCRIPTION = 800
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
