"""The screening that has to be answered before a number of questions tells how much work there is."""

from collections.abc import Sized

import msgspec

from domain.lifecycle import phase_of
from domain.model import ThreatModel
from domain.screening.screened_facts import topic_statuses


class PendingScreening(msgspec.Struct, frozen=True, kw_only=True):
    """Number of open topics of a screening, of all `topics`."""

    open: int
    topics: int

    @property
    def open_topics(self) -> str:
        """Return how many topics are open: `9 of 14 topics open`."""
        return f"{self.open} of {self.topics} topics open"

    @property
    def text(self) -> str:
        """Return what is shown instead of a number of questions: `Screening: 9 of 14 topics open`."""
        return f"Screening: {self.open_topics}"


def pending_screening(model: ThreatModel, questions: Sized) -> PendingScreening | None:
    """Return the screening if it is shown instead of the number of open questions; None otherwise.

    Screening removes many questions, so their number tells nothing before each topic was answered once. A
    topic that a later element reopens adds few questions and does not hide the number again. From analysis
    on the number is shown in any case: the team has decided to go on without the screening.
    """
    if phase_of(model.step) != "collection" or not len(questions):
        return None
    if all(topic in model.screening for topic in model.catalog.topics):
        return None
    statuses = topic_statuses(model)
    return PendingScreening(open=sum(one.open for one in statuses), topics=len(statuses))
