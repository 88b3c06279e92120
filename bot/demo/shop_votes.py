"""Web shop example, analysis: decisions on suggested threats and a blind vote of four people."""

from collections.abc import Callable, Sequence

from bot.demo.shop_story import shop_steps
from bot.demo.story_runner import (
    PEOPLE,
    Step,
    SuggestedThreatsOn,
    ballots,
    named,
    open_round_step,
    report_step,
    step,
    suggested_threats,
    vote_step,
    with_times,
)
from domain.commands import (
    BeginAnalysis,
    ConfirmSuggestedThreats,
    ConsiderRow,
    DismissSuggestedThreats,
    MergeThreats,
)
from domain.kernel.elements import ChannelId, Kind, PersonId
from domain.kernel.threat import Stride, ThreatId
from domain.kernel.voting_round import RoundId
from domain.model import ThreatModel

_ENUMERATION = "User enumeration at log-in"
_SHARED_ACCOUNT: SuggestedThreatsOn = ("S06", "Admin credentials")
_SHARED_ACCOUNT_ACTS: SuggestedThreatsOn = ("R03", "Console log-in")
_CONFIRMED: tuple[SuggestedThreatsOn, ...] = (
    ("S05", "Payment provider"),
    ("T01", "Shop pages"),
    ("T02", "Checkout and account"),
    ("E02", "Checkout and account"),
    ("S02", "Console log-in"),
    ("I09", "CDN"),
    ("T09", "Image library"),
    ("R02", "Log store"),
)
_CONFIRMED_LATER: tuple[SuggestedThreatsOn, ...] = (
    ("I06", "Payment API key"),
    ("I12", "Database"),
    ("E07", "Console log-in"),
    _SHARED_ACCOUNT,
    _SHARED_ACCOUNT_ACTS,
)
_DISMISSED: tuple[tuple[SuggestedThreatsOn, str], ...] = (
    (("D03", "Payment provider"), "Browsing still works without it. An outage of one hour is acceptable."),
    (("S04", "Shop writes"), "Both ends are in one private network without other machines."),
)
_BALLOTS = {
    "Webhook signature not verified: Payment provider": ballots(
        "8 10 7 3 6, 9 10 8 4 7, 8 9 7 3 6, 8 10 6 4 7"
    ),
    "Injection into database queries: Shop pages": ballots(
        "10 9 7 10 8, 9 10 8 10 9, 10 9 7 10 8, 10 9 7 9 8"
    ),
    "No multi-factor authentication for administrators: Console log-in": ballots(
        "10 8 6 10 8, 10 7 6 10 9, 9 8 7 10 8, 10 8 6 10 8"
    ),
    "Sensitive data in a shared cache: CDN": ballots("3 6 8 6 7, 9 5 9 6 7, 8 6 8 7 8, 4 6 8 6 7"),
    "Unverified third-party code (supply chain): Image library": ballots(
        "9 4 3 10 4, 10 5 3 10 3, 9 4 4 10 4, 9 4 3 9 4"
    ),
    _ENUMERATION: ballots("2 10 9 7 9, 3 10 10 7 9, 2 10 9 8 10, 2 9 9 7 9"),
}
_CACHE = "Sensitive data in a shared cache: CDN"
# The second vote on Damage, after the voters have read each other's reasons.
_DAMAGE_AGAIN = (7, 8, 8, 7)


def scored_shop_story(channel: ChannelId, people: Sequence[PersonId] = PEOPLE) -> list[Step]:
    """Return the web shop up to the scores of its worst threats; many suggested threats stay open."""
    first, second, third, fourth = people
    return with_times(
        *shop_steps(channel, people),
        step(first, BeginAnalysis),
        step(first, ConfirmSuggestedThreats, suggested_threats=suggested_threats(*_CONFIRMED)),
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
        step(second, ConfirmSuggestedThreats, suggested_threats=suggested_threats(*_CONFIRMED_LATER)),
        # Two findings about the same shared account.
        step(second, MergeThreats, kept=_threat_of(_SHARED_ACCOUNT), merged=_threat_of(_SHARED_ACCOUNT_ACTS)),
        *(
            step(third, DismissSuggestedThreats, suggested_threats=suggested_threats(one), reason=reason)
            for one, reason in _DISMISSED
        ),
        step(
            second,
            ConsiderRow,
            element=named(Kind.ENTRY_POINT, "Edge address"),
            reason="The CDN only forwards requests. The entry points behind it are covered separately.",
        ),
    )


def _threat_of(confirmed: SuggestedThreatsOn) -> Callable[[ThreatModel], ThreatId]:
    def found(model: ThreatModel) -> ThreatId:
        (suggested_threat,) = suggested_threats(confirmed)(model)
        return next(
            threat.id for threat in model.threats.values() if suggested_threat in threat.suggested_threats
        )

    return found
