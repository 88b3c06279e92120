"""Notices to voters about the secrecy of their numbers, by the size of the panel."""

from collections.abc import Sequence

from domain.kernel.text_formatting import count_phrase, join_list
from domain.kernel.threat import ThreatId
from domain.voting.turnout import SMALLEST_PANEL, is_attributable


def secrecy_notice(panel: int) -> str:
    """Return the notice that a voter reads before voting."""
    return f"{_who_sees(panel)} The bot records who has voted, to remind only those who have not."


def attribution_notice(panel: int) -> str:
    """Return the notice about attributable numbers alone; empty if they are not attributable."""
    match panel:
        case 1:
            return "Only one person votes, so the numbers can be attributed."
        case _ if is_attributable(panel):
            return f"Only {count_phrase(panel, 'person', 'people')} vote, so the numbers can be attributed."
        case _:  # enough voters
            return ""


def reason_notice(panel: int) -> str:
    """Return the notice beside the field for a voter's reason."""
    if is_attributable(panel):
        return "Shown when the round is over. With so few voters, others can tell that it is yours."
    return f"Shown without your name when the round is over, if at least {SMALLEST_PANEL} people have voted."


OPENING_NOTICE = (
    f"With fewer than {SMALLEST_PANEL} voters, their numbers can be attributed to them; "
    "they are told so before they vote. "
    f"Otherwise a metric is shown only if at least {SMALLEST_PANEL} people gave a number for it. "
    "If a threat was voted on before, the same people must give one again, or "
    f"{SMALLEST_PANEL} more, or other people."
)
"""The notice about the choice of voters, for the person who opens a round."""


def sealed_round_notice(threats: Sequence[ThreatId]) -> str:
    """Return what a person reads before they open a round with results that cannot be shown."""
    return (
        f"With these voters, results of {join_list(threats)} will stay sealed, and the earlier ones stand. "
        f"Together with an earlier result, they would tell fewer than {SMALLEST_PANEL} people apart from the "
        "others, so that their numbers could be worked out. Choose the same voters as before, at least "
        f"{SMALLEST_PANEL} more, or other people, or leave these threats out."
    )


OWN_BALLOTS_NOTICE = (
    "Other participants cannot see your ballots. When the round ends, ratings are shown without names."
)
"""The notice below a voter's own ballots; where numbers can be attributed, `attribution_notice` follows."""


def _who_sees(panel: int) -> str:
    match panel:
        case 1:
            return "You are the only voter, so your numbers can be attributed to you when the round is over."
        case _ if is_attributable(panel):
            return (
                f"Only {count_phrase(panel, 'person', 'people')} vote in this round, so your numbers can be "
                "attributed to you when it is over. Until then, they are sealed."
            )
        case _:  # enough voters
            return (
                "Your numbers are sealed until the round is over. Then a metric is shown without names, and "
                f"only if at least {SMALLEST_PANEL} people gave a number for it."
            )
