"""Forms of rounds: defaults, opening, settling, explaining a number."""

from collections.abc import Sequence

from msgspec.structs import replace

from bot.slack.protocol.escaping import escape_name
from bot.slack.protocol.targets import OpenRoundTarget, RatingTarget, VotingTarget
from bot.slack.ui.forms.common_fields import known_threat, long_text
from bot.slack.ui.forms.form import (
    Entry,
    Form,
    FormCommand,
    FormContext,
    FormData,
    FormEnding,
    RoundDefaults,
    WriteEffect,
)
from bot.slack.ui.forms.form_fields import (
    CheckboxField,
    ChoiceField,
    DateTimeField,
    FormPart,
    MultiSelectField,
    Option,
    Paragraph,
    PeopleField,
)
from bot.slack.ui.texts.score_texts import threat_label
from domain.commands import ChooseTerms, ExplainBallot, OpenRound, SettleRound
from domain.dread.metrics import BallotLength, Discoverability
from domain.kernel.inherited_settings import ReminderFrequency
from domain.kernel.mitigation import MitigationState
from domain.kernel.text_formatting import count_phrase
from domain.kernel.threat import Threat, ThreatId
from domain.kernel.voting_round import MAX_QUORUM, MAX_THREATS, QUICK_FROM, RoundKind, VotingTerms
from domain.register import ThreatRegister
from domain.voting.turnout import SMALLEST_PANEL, minimum_quorum, voting_effort
from domain.wording.voting import OPENING_NOTICE

SEALED = "sealed"
"""The key of the field that opens a round although some of its results will stay sealed."""


def residual_threats(register: ThreatRegister) -> tuple[Threat, ...]:
    """Return the scored threats with a verified mitigation, the worst first."""
    verified = {
        one.threat for one in register.mitigations if one.mitigation.state is MitigationState.VERIFIED
    }
    return tuple(one.threat for one in register.ranked if one.score is not None and one.threat.id in verified)


def without_residual_score(register: ThreatRegister) -> tuple[ThreatId, ...]:
    """Return those of them whose residual risk was not voted on yet."""
    already_scored = {threat.threat.id for threat in register.ranked if threat.residual is not None}
    return tuple(threat.id for threat in residual_threats(register) if threat.id not in already_scored)


def _open(opening: FormContext) -> Sequence[FormPart]:
    register, defaults = opening.required_register, opening.find(RoundDefaults) or RoundDefaults()
    voters = defaults.voters
    residual = OpenRoundTarget.of(opening.target).round_kind is RoundKind.RESIDUAL
    offered = residual_threats(register) if residual else register.threats
    if not offered:
        return [Paragraph(text=_NOTHING_VERIFIED if residual else _NO_THREAT)]
    to_vote_on = without_residual_score(register) if residual else _to_score(register)
    lines = [_AS_IT_REMAINS if residual else _HOW, *_time_needed(offered, to_vote_on)]
    lines += [] if residual else _not_yet(register)
    quick_from = _QUICK_IN_REVIEW if register.review else QUICK_FROM
    length = BallotLength.QUICK if len(to_vote_on) >= quick_from else BallotLength.FULL
    return [
        Paragraph(text="\n".join(lines)),
        *([CheckboxField(key=SEALED, label="Sealed results", text=_ANYWAY)] if opening.warning else []),
        MultiSelectField(
            key="threats",
            label="Threats",
            hint=f"A round can have up to {MAX_THREATS} threats.",
            options=tuple(Option(value=one.id, text=threat_label(one.id, one.title)) for one in offered),
            initial=tuple(one.id for one in offered if one.id in to_vote_on)[:MAX_THREATS],
            required=True,
        ),
        ChoiceField(
            key="length",
            label="Ballots",
            hint=(
                "With quick ballots, the band rests on two metrics instead of five. Threats without a "
                "rule or an element always get a full ballot."
            ),
            options=tuple(Option(value=one.value, text=LENGTHS[one]) for one in BallotLength),
            initial=length.value,
            radio=True,
            required=True,
        ),
        PeopleField(
            key="voters",
            label="Voters",
            hint=f"Leave empty for all participants ({len(voters)} now). {OPENING_NOTICE}",
            initial=voters if len(voters) <= _NAMED else (),
        ),
        DateTimeField(key="deadline", label="Deadline", required=True, initial=defaults.deadline),
        *_terms(_clamped(register.terms, len(voters)), least=1),
    ]


def _time_needed(offered: Sequence[Threat], chosen: Sequence[ThreatId]) -> list[str]:
    """Return how long a voter needs for the proposed threats, with each length of ballots."""
    threats = [one for one in offered if one.id in chosen][:MAX_THREATS]
    if not threats:
        return []
    quick = sum(bool(threat.suggested_threats) for threat in threats)
    times = [
        f"{length.value} ballots about {count_phrase(needed.minutes, 'minute')} "
        f"({count_phrase(needed.pages, 'page')}, {count_phrase(needed.numbers, 'number')})"
        for length, needed in (
            (BallotLength.FULL, voting_effort(full=len(threats))),
            (BallotLength.QUICK, voting_effort(full=len(threats) - quick, quick=quick)),
        )
        if length is BallotLength.FULL or quick
    ]
    return [f"For {count_phrase(len(threats), 'threat')}, a voter needs: {'; '.join(times)}."]


def _not_yet(register: ThreatRegister) -> list[str]:
    """Return open work that may still reveal threats, for the facilitator."""
    unanswered = sum(not question.answered_unknown for question in register.questions)
    counts = (("open question", unanswered), ("undecided suggested threat", len(register.suggested_threats)))
    left = [count_phrase(count, word) for word, count in counts if count]
    return [f"Still to come: {' and '.join(left)}. {_LATER}"] if left else []


def _terms(terms: VotingTerms, *, least: int) -> list[FormPart]:
    return [
        ChoiceField(
            key="quorum",
            label="Quorum",
            hint=(
                "If fewer people have voted by the deadline, the round is extended once by half of its "
                "duration."
            ),
            options=(
                Option(value=_USUAL, text="Half of the voters, at least three (all voters if fewer)"),
                *(Option(value=str(count), text=str(count)) for count in range(least, MAX_QUORUM + 1)),
            ),
            initial=_USUAL if terms.quorum is None else str(terms.quorum),
            required=True,
        ),
        ChoiceField(
            key="discoverability",
            label="Discoverability",
            hint="Ratings of Discoverability vary most between voters.",
            options=tuple(Option(value=one.value, text=POLICIES[one]) for one in Discoverability),
            initial=terms.discoverability.value,
            radio=True,
            required=True,
        ),
    ]


def _clamped(terms: VotingTerms, voters: int) -> VotingTerms:
    """Return the model's terms, adjusted to the number of voters."""
    if terms.quorum is None or not voters:
        return terms
    return replace(terms, quorum=max(minimum_quorum(voters), min(terms.quorum, voters)))


def _to_score(register: ThreatRegister) -> tuple[ThreatId, ...]:
    """Return the threats to vote on that are in no open round."""
    asked = {ask.threat for round in register.rounds for ask in round.asks}
    return tuple(id for id in register.to_score if id not in asked)


_QUICK_IN_REVIEW = 3
"""Threats from which on a review asks for quick ballots: full ones take a page each."""
_AS_IT_REMAINS = (
    "Rate the residual risk with all verified mitigations in place. Votes are sealed until the round ends."
)
_NO_THREAT = "There are no threats to vote on. Report a threat or confirm a suggested one first."
_NOTHING_VERIFIED = "No mitigation is verified yet. Residual risk is rated after verification."
POLICIES = {
    Discoverability.VOTED: "Rated like the other metrics",
    Discoverability.FIXED: "Fixed at 10: assume discovery",
    Discoverability.LEFT_OUT: "Not rated",
}
"""Display names of the policies for Discoverability."""
_USUAL = "usual"
_INHERITED = "workspace"
_HOW = "Votes are sealed until the round ends. Ballots are saved page by page."
LENGTHS = {
    BallotLength.FULL: "Full: all five metrics",
    BallotLength.QUICK: "Quick: Damage and Exploitability; the others are derived",
}
"""Display names of the lengths of ballots."""
_LATER = "Threats found later can be rated in another round."
_NAMED = 50
_ANYWAY = "Open the round although results will stay sealed"


def _with_quorum(entry: Entry, command: type[OpenRound | ChooseTerms], **given: object) -> FormCommand:
    quorum = entry.text("quorum")
    return entry.command(command, quorum=quorum if quorum not in ("", _USUAL) else None, **given)


OPEN_ROUND = Form(
    name="open_round",
    target=OpenRoundTarget,
    writes=WriteEffect.ADDS,
    command_type=OpenRound,
    needs=FormData.VOTERS,
    ending=FormEnding.TEXT,
    title=lambda opening: (
        "Rate residual risk"
        if OpenRoundTarget.of(opening.target).round_kind is RoundKind.RESIDUAL
        else "Open voting round"
    ),
    submit="Open",
    parts=_open,
    build_command=lambda entry: _with_quorum(
        entry, OpenRound, kind=OpenRoundTarget.of(entry.target).round_kind
    ),
)


def _choosing_terms(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    inherited = register.inherited.reminders
    return [
        Paragraph(text="Defaults of new rounds. They can be changed when a round is opened."),
        *_terms(register.terms, least=SMALLEST_PANEL),
        ChoiceField(
            key="reminders",
            label="Reminders to mitigation owners",
            hint=(
                "After the last reminder the facilitator is notified. Approvers and verifiers get as "
                "many reminders. Each reminder can be snoozed."
            ),
            options=(
                Option(value=_INHERITED, text="As in the workspace settings", means=inherited.label),
                *(Option(value=one.value, text=one.label) for one in ReminderFrequency),
            ),
            initial=register.terms.reminders.value if register.own_reminders else _INHERITED,
            radio=True,
            required=True,
        ),
    ]


def _choose_terms(entry: Entry) -> FormCommand:
    inherit = entry.text("reminders") in ("", _INHERITED)
    own = ReminderFrequency.USUAL if inherit else entry.text("reminders")
    return _with_quorum(entry, ChooseTerms, reminders=own, inherit_reminders=inherit)


TERMS = Form(
    name="terms",
    command_type=ChooseTerms,
    title="Votes and reminders",
    parts=_choosing_terms,
    build_command=_choose_terms,
)


SETTLE_ROUND = Form(
    name="settle_round",
    target=VotingTarget,
    writes=WriteEffect.ONCE,
    command_type=SettleRound,
    ending=FormEnding.TEXT,
    title="Close without quorum",
    submit="Close round",
    parts=lambda opening: [
        Paragraph(
            text=(
                f"*{escape_name(opening.required_register.name)}*: the extended round has not reached its "
                "quorum. The ballots cast so far will count. A metric stays sealed if fewer than three "
                "voters rated it (or fewer than all, in a smaller round)."
            )
        ),
        long_text("reason", "Why is this turnout sufficient?", required=True),
    ],
    build_command=lambda entry: entry.command(SettleRound, round=VotingTarget.of(entry.target).voting_round),
)


def _explain(opening: FormContext) -> Sequence[FormPart]:
    about = known_threat(opening.required_register, opening.target)
    metric = RatingTarget.of(opening.target).metric
    return [
        Paragraph(
            text=(
                f"*{escape_name(about.title)}* · {about.id}\n"
                f"Your rating of *{metric.label}* was far from the other votes. Your reason is shown "
                "without your name."
            )
        ),
        long_text("text", "Reason", required=True),
    ]


def _explained(entry: Entry) -> FormCommand:
    about = RatingTarget.of(entry.target)
    return entry.command(ExplainBallot, "threat", round=about.voting_round, metric=about.metric)


EXPLAIN = Form(
    name="explain",
    target=RatingTarget,
    writes=WriteEffect.OWN,
    ending=FormEnding.TEXT,
    title="Explain your rating",
    submit="Submit",
    parts=_explain,
    build_command=_explained,
    close="Skip",
)
