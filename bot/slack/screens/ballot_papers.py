"""Ballot papers: one per person, open round and threat."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from bot.slack.protocol.escaping import one_line
from bot.slack.protocol.targets import VotingTarget
from domain.dread.metrics import Ballot, BallotLength, Discoverability, Metric
from domain.dread.scoring import Tally
from domain.kernel.elements import PersonId
from domain.kernel.threat import Threat
from domain.kernel.voting_round import Round, RoundId
from domain.model import ThreatModel
from domain.model.mitigation_links import places_phrase
from domain.voting.scores import (
    PublishedExplanation,
    ReferenceThreat,
    reference_threats,
    scores_of,
    scores_of_round,
)
from domain.voting.turnout import (
    BALLOTS_ON_A_PAGE,
    invited_voters,
    live_asks,
    missing_ballots,
    panel_size,
)


class BallotPaper(msgspec.Struct, frozen=True, kw_only=True):
    """Ballot paper of one person for one threat; `ballot` is their own vote, shown only to them.

    `number` of `of` is the position in the round, `panel` the number of voters, `about` the name of the
    threatened element. A second vote asks for contested metrics only:
    `revote_of` is then the first round, `tally` its result, `before` the person's ballot in it,
    `explained` the explanations of voters with extreme numbers, and `follow_up` the metrics that quick
    ballots left out, asked for the first time. `owed` are the person's missing ballots in the round.
    """

    round: RoundId
    threat: Threat
    metrics: tuple[Metric, ...]
    deadline: datetime
    discoverability: Discoverability
    number: int
    of: int
    rubric: int
    panel: int
    owed: int = 0
    length: BallotLength = BallotLength.FULL
    about: str = ""
    reference_threats: tuple[ReferenceThreat, ...] = ()
    ballot: Ballot | None = None
    revote_of: RoundId | None = None
    tally: Tally | None = None
    before: Ballot | None = None
    explained: tuple[str, ...] = ()
    follow_up: tuple[Metric, ...] = ()

    @property
    def repeated(self) -> tuple[Metric, ...]:
        """The metrics that are voted on a second time."""
        return tuple(metric for metric in self.metrics if self.again and metric not in self.follow_up)

    @property
    def again(self) -> bool:
        """Whether this is a second vote."""
        return self.revote_of is not None

    @property
    def is_short(self) -> bool:
        """Whether several of these ballots share a page."""
        return self.again or self.length is BallotLength.QUICK


def ballot_papers_of(model: ThreatModel, person: PersonId) -> tuple[BallotPaper, ...]:
    """Return a person's ballot papers, earliest round first, without other people's ballots."""
    measures = reference_threats(model, scores_of(model)) if model.reference_threats else ()
    return tuple(
        msgspec.structs.replace(paper, reference_threats=measures)
        for round in model.open_rounds()
        if person in invited_voters(round) and not round.fell_short
        for paper in _papers(model, round, person)
    )


def without_ballot(ballot_papers: tuple[BallotPaper, ...]) -> tuple[BallotPaper, ...]:
    """Return the papers without a ballot."""
    return tuple(paper for paper in ballot_papers if paper.ballot is None)


def ballot_paper_for(ballot_papers: tuple[BallotPaper, ...], target: VotingTarget) -> BallotPaper | None:
    """Return the paper of a form; None if its threat cannot be voted on (any longer)."""
    return next(
        (one for one in ballot_papers if (one.round, one.threat.id) == (target.voting_round, target.element)),
        None,
    )


def ballot_page(ballot_papers: Sequence[BallotPaper], target: VotingTarget) -> tuple[BallotPaper, ...]:
    """Return the papers of the next page of short ballots in a round; its target names no threat."""
    if target.element:
        return ()
    owed = (paper for paper in ballot_papers if paper.round == target.voting_round and paper.ballot is None)
    return tuple(one for one in owed if one.is_short)[:BALLOTS_ON_A_PAGE]


def _papers(model: ThreatModel, one: Round, person: PersonId) -> list[BallotPaper]:
    asks, owed = live_asks(model, one), len(missing_ballots(model, one, person))
    first = model.rounds.get(one.revote_of) if one.revote_of else None
    scores = scores_of_round(model, first, one) if first else {}
    return [
        BallotPaper(
            round=one.id,
            threat=model.threats[ask.threat],
            metrics=ask.metrics,
            deadline=one.deadline,
            discoverability=one.discoverability,
            number=number,
            of=len(asks),
            owed=owed,
            length=ask.length,
            rubric=one.rubric,
            panel=panel_size(model, one),
            about=places_phrase(model, model.threats[ask.threat].places),
            ballot=model.ballots.get((one.id, ask.threat, person)),
            revote_of=one.revote_of,
            tally=scores[ask.threat].tally if ask.threat in scores else None,
            before=model.ballots.get((first.id, ask.threat, person)) if first else None,
            explained=tuple(
                _said(said) for said in (scores[ask.threat].explained if ask.threat in scores else ())
            ),
            follow_up=tuple(metric for metric in ask.metrics if metric not in first.asked(ask.threat))
            if first
            else (),
        )
        for number, ask in enumerate(asks, start=1)
    ]


def _said(said: PublishedExplanation) -> str:
    return f"{said.metric.label}: {one_line(said.text)}"
