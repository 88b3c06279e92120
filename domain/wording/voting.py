"""Wording about votes: numbers of a score, sealed results, and the secrecy of numbers."""

from collections.abc import Sequence

from domain.dread.metrics import BallotLength, Metric
from domain.dread.scoring import Tally
from domain.kernel.text_formatting import count_phrase, join_list
from domain.kernel.threat import ThreatId
from domain.voting.scores import Score, SealedResult
from domain.voting.turnout import SMALLEST_PANEL, is_attributable


def imported_score(score: Score) -> str:
    """Return a score that came with a file, without a vote here."""
    return f"Imported, not verified: {score.tally.band}, mean {score.tally.mean:.1f}"


def ballots_range(score: Score) -> str:
    """Return the ratings of the single ballots; empty if they are sealed or agree.

    They are those of the first vote: the score may differ from all of them after a second one.
    """
    if not (score.tally.lowest and score.tally.highest):
        return ""
    first = " of the first vote" if score.voted_again or score.followed_up else ""
    return f"Individual ballots{first} range from {score.tally.lowest} to {score.tally.highest}."


def of_how_many(tally: Tally) -> str:
    """Return what follows the mean: the total of all five metrics, or how many metrics there were.

    Totals of different numbers of metrics do not compare: a critical quick ballot adds up to less than a
    medium full one.
    """
    if len(tally.medians) == len(Metric):
        return f", total {tally.total:g}"
    return f" of {count_phrase(len(tally.medians), 'metric')}"


def sealed_text(sealed: SealedResult) -> str:
    """Return why a closed round shows no number of a threat."""
    voted = f"{sealed.voted} of {sealed.panel} voted"
    if sealed.stands:
        return f"{voted}. The vote stays sealed, and the earlier score stands. {_TOO_ALIKE}"
    if sealed.length is BallotLength.QUICK:
        people = count_phrase(sealed.needed, "person", "people")
        return (
            f"{voted}. A quick ballot counts if at least {people} gave a number for both metrics, "
            "so all numbers stay sealed. The facilitator can open a new round."
        )
    if sealed.needed == 1:
        return f"{voted}, without a number, so there is no result."
    return (
        f"{voted}, and no metric has numbers from {sealed.needed} people, so all numbers stay sealed. "
        "The facilitator can open a new round."
    )


def withheld_text(score: Score) -> list[str]:
    """Return which metrics of a score stay sealed, and why; they are not counted."""
    lines: list[str] = []
    tally = score.tally
    if too_few := tuple(metric for metric in tally.withheld if metric not in score.stands):
        why = (
            f"fewer than {tally.fewest} people gave a number" if tally.fewest > 1 else "no one gave a number"
        )
        lines.append(f"Sealed and not counted, because {why}: {_names(too_few)}.")
    if score.stands:
        lines.append(f"The latest vote on {_names(score.stands)} stays sealed. {_TOO_ALIKE}")
    if score.ended_early:
        lines.append(
            f"The facilitator ended the second vote on {_names(score.ended_early)}: "
            "the medians of the first vote stand."
        )
    if sealed_again := tuple(metric for metric in score.sealed_again if metric not in score.stands):
        lines.append(
            f"Too few gave a number in the second vote on {_names(sealed_again)}, "
            "so it stays sealed and the first result stands."
        )
    if any(metric not in score.stands for metric in score.sealed_follow_up):
        lines.append(
            "Too few gave a number for each metric of the follow-up, so it stays sealed "
            "and the derived numbers stand."
        )
    return lines


_TOO_ALIKE = (
    f"Together with an earlier one, its result would tell fewer than {SMALLEST_PANEL} people apart from the "
    "others, so that their numbers could be worked out."
)


def _names(metrics: Sequence[Metric]) -> str:
    return join_list([metric.label for metric in metrics])


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
