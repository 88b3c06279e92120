"""Decisions on yardsticks: scored threats that others are measured by."""

from domain.commands import MarkYardstick, UnmarkYardstick
from domain.decide.decision import Decision
from domain.decide.input_checks import require_threat
from domain.events import YardstickMarked, YardstickUnmarked
from domain.rejections import NotScored, Rejected
from domain.voting.scores import scores_of

MAX_YARDSTICKS = 3
"""The highest number of yardsticks in a model."""


def mark_yardstick(command: MarkYardstick, decision: Decision) -> Decision:
    """Mark a scored threat as a yardstick."""
    require_threat(decision.model, command.threat)
    if command.threat not in scores_of(decision.model):
        raise NotScored(command.threat)
    if command.threat in decision.model.yardsticks:
        return decision
    status = [one for one in decision.model.yardsticks if one in decision.model.threats]
    if len(status) >= MAX_YARDSTICKS:
        raise Rejected(
            f"A model can have {MAX_YARDSTICKS} reference threats: {', '.join(sorted(status))}. Remove "
            "one first."
        )
    return decision.record(YardstickMarked(**decision.header, threat=command.threat))


def unmark_yardstick(command: UnmarkYardstick, decision: Decision) -> Decision:
    """Remove a threat from the yardsticks."""
    if command.threat in decision.model.yardsticks:
        return decision.record(YardstickUnmarked(**decision.header, threat=command.threat))
    return decision
