"""When people are reminded, unless their team says otherwise."""

from datetime import timedelta

import msgspec


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """How often and how long somebody is reminded; days are local days of the person.

    `before` are the days before a due date, `every` those between two reminders after it, of which there are
    `most`; one step later the facilitator is told, and from then on a digest stands in the thread each week.
    """

    before: tuple[int, ...] = (7, 1)
    every: int = 3
    most: int = 5
    last_hours: timedelta = timedelta(hours=4)
    """Before the deadline of a vote."""
    asked_after: int = 2
    untouched: timedelta = timedelta(days=90)

    @property
    def escalates_after(self) -> int:
        """The days after a due date when the facilitator is told."""
        return self.every * (self.most + 1)


USUAL_POLICY = Policy()
"""What holds for every model."""

LATE = timedelta(hours=1)
"""From how much later than planned a nudge says that it is late."""
