"""Web shop example, analysis: decisions on candidates and a blind vote of four people."""

from collections.abc import Sequence

from bot.demo.shop_story import shop_steps
from bot.demo.story_runner import (
    PEOPLE,
    Ballot,
    CandidatesOn,
    Step,
    TimedStep,
    candidate_ids,
    confirm_step,
    dismiss_step,
    element_named,
    open_round_step,
    report_step,
    vote_step,
    with_times,
)
from domain.commands import BeginAnalysis, ConsiderRow, MergeThreats
from domain.kernel.candidate_decisions import CandidateId
from domain.kernel.elements import ChannelId, Kind, PersonId
from domain.kernel.stride import Stride
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import RoundId
from domain.model import ThreatModel

_ENUMERATION = "User enumeration at log-in"
_SHARED_ACCOUNT: CandidatesOn = ("S06", "Admin credentials")
_SHARED_ACCOUNT_ACTS: CandidatesOn = ("R03", "Console log-in")
_CONFIRMED: tuple[CandidatesOn, ...] = (
    ("S05", "Payment provider"),
    ("T01", "Shop pages"),
    ("T02", "Checkout and account"),
    ("E02", "Checkout and account"),
    ("S02", "Console log-in"),
    ("I09", "CDN"),
    ("T09", "Image library"),
    ("R02", "Log store"),
)
_CONFIRMED_LATER: tuple[CandidatesOn, ...] = (
    ("I06", "Payment API key"),
    ("I12", "Database"),
    ("E07", "Console log-in"),
    _SHARED_ACCOUNT,
    _SHARED_ACCOUNT_ACTS,
)
_DISMISSED: tuple[tuple[CandidatesOn, str], ...] = (
    (("D03", "Payment provider"), "Browsing still works without it. An outage of one hour is acceptable."),
    (("S04", "Shop writes"), "Both ends are in one private network without other machines."),
)
# The ballots of the four voters, in the order D, R, E, A, D.
_BALLOTS: dict[str, tuple[Ballot, ...]] = {
    "Webhook signature not verified: Payment provider": (
        (8, 10, 7, 3, 6),
        (9, 10, 8, 4, 7),
        (8, 9, 7, 3, 6),
        (8, 10, 6, 4, 7),
    ),
    "Injection into database queries: Shop pages": (
        (10, 9, 7, 10, 8),
        (9, 10, 8, 10, 9),
        (10, 9, 7, 10, 8),
        (10, 9, 7, 9, 8),
    ),
    "No multi-factor authentication for administrators: Console log-in": (
        (10, 8, 6, 10, 8),
        (10, 7, 6, 10, 9),
        (9, 8, 7, 10, 8),
        (10, 8, 6, 10, 8),
    ),
    "Sensitive data in a shared cache: CDN": (
        (3, 6, 8, 6, 7),
        (9, 5, 9, 6, 7),
        (8, 6, 8, 7, 8),
        (4, 6, 8, 6, 7),
    ),
    "Unverified third-party code (supply chain): Image library": (
        (9, 4, 3, 10, 4),
        (10, 5, 3, 10, 3),
        (9, 4, 4, 10, 4),
        (9, 4, 3, 9, 4),
    ),
    _ENUMERATION: (
        (2, 10, 9, 7, 9),
        (3, 10, 10, 7, 9),
        (2, 10, 9, 8, 10),
        (2, 9, 9, 7, 9),
    ),
}
_CACHE = "Sensitive data in a shared cache: CDN"
# The second vote on Damage, after the voters have read each other's reasons.
_DAMAGE_AGAIN = (7, 8, 8, 7)


def scored_shop_story(channel: ChannelId, people: Sequence[PersonId] = PEOPLE) -> list[Step]:
    """Return the web shop up to the scores of its worst threats; many candidates stay open."""
    first, second, third, fourth = people
    return with_times(
        *shop_steps(channel, people),
        lambda _, at: BeginAnalysis(by=first, at=at),
        confirm_step(first, *_CONFIRMED),
        report_step(
            fourth,
            _ENUMERATION,
            Stride.INFORMATION_DISCLOSURE,
            Kind.ENTRY_POINT,
            "Log-in",
            "The error message “no account with that address” reveals which customers exist.",
        ),
        open_round_step(first, people, tuple(_BALLOTS)),
        *(
            vote_step(person, RoundId("RD-1"), title, ballot)
            for title, ballots in _BALLOTS.items()
            for person, ballot in zip(people, ballots, strict=True)
        ),
        *(
            vote_step(person, RoundId("RD-2"), _CACHE, (damage, None, None, None, None))
            for person, damage in zip(people, _DAMAGE_AGAIN, strict=True)
        ),
        confirm_step(second, *_CONFIRMED_LATER),
        _merge_step(second, _SHARED_ACCOUNT, _SHARED_ACCOUNT_ACTS),
        *(dismiss_step(third, one, reason) for one, reason in _DISMISSED),
        _consider_step(
            second,
            "Edge address",
            "The CDN only forwards requests. The entry points behind it are covered separately.",
        ),
    )


def _merge_step(by: PersonId, kept: CandidatesOn, merged: CandidatesOn) -> TimedStep:
    """Return a step that merges two findings about the same shared account."""
    return lambda model, at: MergeThreats(
        by=by, at=at, kept=_threat_of(model, kept), merged=_threat_of(model, merged)
    )


def _consider_step(by: PersonId, entry_point: str, reason: str) -> TimedStep:
    return lambda model, at: ConsiderRow(
        by=by, at=at, element=element_named(model, Kind.ENTRY_POINT, entry_point), reason=reason
    )


def _threat_of(model: ThreatModel, confirmed: CandidatesOn) -> ThreatId:
    (candidate,) = candidate_ids(model, confirmed)
    return next(one.id for one in model.threats.values() if CandidateId(candidate) in one.candidates)
