"""Wording of sealed results: how many voted, and how many a result needs."""

from collections.abc import Sequence

from domain.dread.metrics import BallotLength, Metric
from domain.kernel.text_formatting import count_phrase, join_list
from domain.voting.scores import Score, SealedResult
from domain.voting.turnout import SMALLEST_PANEL


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
    return join_list([one.label for one in metrics])
