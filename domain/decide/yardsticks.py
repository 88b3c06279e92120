"""Deciding by which scored threats others are measured."""

from domain.commands import MarkYardstick, UnmarkYardstick
from domain.decide.draft import Draft
from domain.decide.input_checks import require_threat
from domain.events import YardstickMarked, YardstickUnmarked
from domain.rejections import NotScored, Rejected
from domain.voting.scores import scores_of

MOST_YARDSTICKS = 3
"""Threats of one model that others are measured by; a longer ruler is not looked at."""


def mark_yardstick(command: MarkYardstick, draft: Draft) -> None:
    """Measure by a scored threat."""
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
    """Measure by a threat no longer."""
    if command.threat in draft.model.yardsticks:
        draft.record(YardstickUnmarked(**draft.header, threat=command.threat))
