"""Fields of a ballot: one select for each metric, whose options explain the numbers."""

from functools import cache

from bot.slack.protocol.escaping import clip, one_line
from bot.slack.screens.ballot_papers import BallotPaper
from bot.slack.ui.forms.form_fields import ChoiceField, Option
from bot.slack.ui.forms.submitted_values import SubmittedValues
from domain.dread.metrics import HIGHEST, LOWEST, Metric, Numbers
from domain.dread.rubric import RUBRICS

ABSTAIN = "?"
"""The option of a voter who abstains."""


def rating_field(paper: BallotPaper, metric: Metric) -> ChoiceField:
    """Return the select for one metric of a threat, with the voter's earlier number."""
    given = paper.ballot.numbers.of(metric) if paper.ballot else None
    initial = ABSTAIN if paper.ballot and given is None else None
    return ChoiceField(
        key=f"{metric}/{paper.threat.id}",
        label=metric.label,
        hint=_hint(paper, metric),
        options=_rating_options(metric, paper.rubric),
        initial=str(given) if given is not None else initial,
        required=True,
    )


def _hint(paper: BallotPaper, metric: Metric) -> str:
    """Return the definition of the metric and its yardsticks; the options explain the numbers."""
    measured = [
        f"{one.threat} “{clip(one_line(one.title), _YARDSTICK)}” was rated {one.medians[metric]:g}"
        for one in paper.yardsticks
        if metric in one.medians
    ]
    hints = [metric.question, *_before(paper, metric)]
    if measured:
        hints.append(f"Reference: {'; '.join(measured)}.")
    return " ".join(hints)


def _before(paper: BallotPaper, metric: Metric) -> list[str]:
    """Return the result of the first vote for a second one, with the reader's own number."""
    if paper.tally is None or not paper.tally.numbers.get(metric):
        return []
    numbers = paper.tally.numbers[metric]
    introduction = f"First vote: {numbers[0]} to {numbers[-1]}, median {paper.tally.medians[metric]:g}"
    own = paper.before.numbers.of(metric) if paper.before else None
    return [f"{introduction}; yours was {own}." if own is not None else f"{introduction}."]


def submitted_numbers(values: SubmittedValues, threat: str) -> Numbers:
    """Return the numbers that a voter chose for a threat; raises ValueError for anything else."""
    ratings = {metric.value: values.text(f"{metric}/{threat}") for metric in Metric}
    return Numbers(**{metric: int(one) for metric, one in ratings.items() if one not in ("", ABSTAIN)})


@cache
def _rating_options(metric: Metric, rubric: int) -> tuple[Option, ...]:
    anchors = RUBRICS[rubric][metric]
    numbers = (
        Option(value=str(number), text=f"{number} · {anchors[number]}" if number in anchors else str(number))
        for number in range(LOWEST, HIGHEST + 1)
    )
    return (*numbers, Option(value=ABSTAIN, text="? · Unable to rate"))


_YARDSTICK = 40
