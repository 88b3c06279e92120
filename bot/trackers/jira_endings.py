"""How issues of Jira end: by which step, and what their status and resolution mean."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

import msgspec

from bot.trackers.closing_names import by_resolution, by_status
from bot.trackers.jira_shapes import DONE, JiraName, JiraStatus, JiraTransition
from domain.kernel.tracked_issue import IssueState


class JiraEndings:
    """What names of statuses and resolutions mean; `closings` come before what the names say."""

    def __init__(self, closings: Mapping[str, IssueState]) -> None:
        self._closings = {name.casefold(): state for name, state in closings.items()}

    def state(self, status: JiraStatus, resolution: str) -> IssueState:
        """Return how an issue was closed whose status ends it."""
        for name in (resolution, status.name):
            known = self._closings.get(name.casefold())
            if known is not None:
                return known
        return by_resolution(resolution) if resolution else by_status(status.name)

    def step_for_duplicate(self, steps: Sequence[JiraTransition]) -> JiraTransition | None:
        """Return the step that ends a duplicate, if possible by a status that does not mean done."""
        ends = [one for one in steps if one.to.status_category.key == DONE]
        return min(ends, key=lambda one: self.state(one.to, "") is not IssueState.CLOSED, default=None)


def resolution_for_duplicate(step: JiraTransition) -> str:
    """Return the resolution that fits a duplicate best, empty where the step asks for none."""
    screen = step.fields.get("resolution")
    names: list[str] = []
    for value in screen.allowed_values if screen else ():
        with suppress(msgspec.ValidationError):
            names.append(msgspec.convert(value, JiraName).name)

    def distance(name: str) -> int:
        if name.casefold().startswith("duplicat"):
            return 0
        return 1 if by_resolution(name) is IssueState.CLOSED else 2

    return min(names, key=distance, default="")
