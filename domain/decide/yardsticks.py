"""Decisions on yardsticks: scored threats that others are measured by."""

from domain.commands import MarkYardstick, UnmarkYardstick
from domain.decide.decision import Draft
from domain.decide.input_checks import require_threat
from domain.events import YardstickMarked, YardstickUnmarked
from domain.rejections import NotScored, Rejected
from domain.voting.scores import scores_of

MOST_YARDSTICKS = 3
"""The highest number of yardsticks in a model."""


def mark_yardstick(command: MarkYardstick, draft: Draft) -> None:
    """Mark a scored threat as a yardstick."""
    require_threat(draft.model, command.threat)
    if command.threat not in scores_of(draft.model):
        raise NotScored(command.threat)
    if command.threat in draft.model.yardsticks:
        return
    status = [one for one in draft.model.yardsticks if one in draft.model.threats]
    if len(status) >= MOST_YARDSTICKS:
        raise Rejected(
            f"{MOST_YARDSTICKS} yardsticks are enough: {', '.join(sorted(status))}. Give one up first."
        )
    draft.record(YardstickMarked(**draft.header, threat=command.threat))


def unmark_yardstick(command: UnmarkYardstick, draft: Draft) -> None:
    """Remove a threat from the yardsticks."""
    if command.threat in draft.model.yardsticks:
        draft.record(YardstickUnmarked(**draft.header, threat=command.threat))
