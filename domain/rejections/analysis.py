"""Rejections about candidates, threats and rows of the coverage grid."""

from domain.kernel.elements import PLURAL, ElementId, Kind
from domain.kernel.event_subjects import thing
from domain.rejections.rejected import Rejected


class NoSuchThreat(Rejected):
    """No threat has this id."""

    def __init__(self, threat: str) -> None:
        super().__init__(f"This model has no threat {threat}. It may have been withdrawn.")


class AlreadyReported(Rejected):
    """The model has a threat with the same title and description at the same element."""

    def __init__(self, title: str, threat: str) -> None:
        super().__init__(
            f"{threat} says the same: “{title}”, at the same element. Add to it, or describe what differs.",
            field="title",
        )


class ThreatMerged(Rejected):
    """The threat was merged into another one."""

    def __init__(self, threat: str, into: str) -> None:
        super().__init__(f"{threat} was merged into {into}. Use {into} instead.")
        self.about, self.instead = thing(threat), f"Use {into} instead."


class ThreatGone(Rejected):
    """The threat was withdrawn."""

    def __init__(self, threat: str) -> None:
        super().__init__(f"{threat} was withdrawn. If the threat exists, report it again.")
        self.about, self.instead = thing(threat), "If the threat exists, report it again."


class MergedWithItself(Rejected):
    """A threat cannot be merged with itself."""

    def __init__(self) -> None:
        super().__init__("A threat cannot be merged into itself. Choose another threat.", field="kept")


class NoSuchCandidate(Rejected):
    """No rule yields the candidate, or no longer."""

    def __init__(self, candidate: str) -> None:
        super().__init__(
            f"{candidate} no longer applies, because the model has changed. No decision is needed."
        )
        self.about, self.instead = thing(candidate), "No decision is needed."


class AlreadyConfirmed(Rejected):
    """The candidate is already confirmed as a threat."""

    def __init__(self, candidate: str, threat: str) -> None:
        super().__init__(
            f"{candidate} is already confirmed as {threat}. If it is not a threat, withdraw {threat}."
        )
        self.about, self.instead = thing(candidate), f"If it is not a threat, withdraw {threat}."


class AlreadyDismissed(Rejected):
    """The candidate is already dismissed."""

    def __init__(self, candidate: str) -> None:
        super().__init__(f"{candidate} was dismissed already. To decide again, reopen it under *Dismissed*.")
        self.about, self.instead = thing(candidate), "To decide again, reopen it under *Dismissed*."


class OtherRule(Rejected):
    """The threat has no place of the candidate's rule."""

    def __init__(self, candidate: str, threat: str) -> None:
        super().__init__(
            f"{candidate} comes from another rule than {threat}. Confirm it as a threat of its own.",
            field="decision",
        )


class PlacesSettled(Rejected):
    """The response to the threat was decided for the places that it had."""

    def __init__(self, threat: str, state: str) -> None:
        super().__init__(
            f"{threat} is {state}: this was decided for the places that it has. "
            "Confirm the new ones as a threat of their own.",
            field="decision",
        )


class LastPlace(Rejected):
    """A threat keeps at least one place."""

    def __init__(self, threat: str) -> None:
        super().__init__(
            f"{threat} needs at least one place. To give up the whole threat, withdraw it.", field="places"
        )


class NotAPlace(Rejected):
    """The threat does not have the place."""

    def __init__(self, threat: str, candidate: str) -> None:
        super().__init__(f"{candidate} is no longer a place of {threat}.")
        self.about = thing(threat)


class NotDismissed(Rejected):
    """The candidate was not dismissed."""

    def __init__(self, candidate: str) -> None:
        super().__init__(f"{candidate} is not dismissed.")
        self.about, self.instead = thing(candidate), "It is no longer dismissed."


class NoSuchTopic(Rejected):
    """The screening has no such topic, or no such answer."""

    def __init__(self, topic: str) -> None:
        super().__init__(f"The screening form has no topic “{topic}” with this answer. Open the form again.")


class NothingToConfirm(Rejected):
    """No feature is screened out that a second person has not confirmed."""

    def __init__(self) -> None:
        super().__init__("Nothing needs to be confirmed: no topic is screened out, or all are confirmed.")


class OwnScreening(Rejected):
    """The author of a screening cannot confirm it."""

    def __init__(self) -> None:
        super().__init__("You screened this out yourself. Another participant must confirm it.")


class NotInTheGrid(Rejected):
    """The element has no row in the coverage grid."""

    def __init__(self, element: ElementId, kind: Kind) -> None:
        super().__init__(
            f"{element} has no row in the coverage grid: {PLURAL[kind]} are covered by the elements "
            f"that use them."
        )
