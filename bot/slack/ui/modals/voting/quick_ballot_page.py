"""Page of quick ballots: Damage and Exploitability of several threats of a round."""

from collections.abc import Sequence
from datetime import datetime

from bot.slack.protocol.date_markup import local_time
from bot.slack.protocol.escaping import clip, escape, escape_name, one_line
from bot.slack.protocol.interactions import StaleButton
from bot.slack.screens.ballot_papers import BallotPaper
from bot.slack.ui.forms.form_fields import CheckboxesField, Divider, FormPart, Option, Paragraph
from bot.slack.ui.forms.submitted_values import SubmittedValues
from bot.slack.ui.modals.voting.rating_fields import rating_field, submitted_numbers
from domain.commands import BallotEntry, CastBallots
from domain.dread.metrics import HIGHEST, LOWEST, Metric
from domain.kernel.elements import PersonId
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import RoundId
from domain.wording.secrecy_notices import secrecy_notice


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
