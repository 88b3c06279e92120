"""Rejections about candidates, threats and rows of the coverage grid."""

from domain.kernel.elements import PLURAL, ElementId, Kind
from domain.kernel.event_subjects import thing
from domain.rejections.rejected import Rejected


class NoSuchThreat(Rejected):
    """No threat has this id."""

    def __init__(self, threat: str) -> None:
        super().__init__(f"The threat {threat} is not part of this model (any more).")


class ThreatMerged(Rejected):
    """The threat was merged into another one."""

    def __init__(self, threat: str, into: str) -> None:
        super().__init__(f"The threat {threat} was merged into {into}; go on there.")
        self.about, self.instead = thing(threat), f"Go on with {into}."


class ThreatGone(Rejected):
    """The threat was withdrawn."""

    def __init__(self, threat: str) -> None:
        super().__init__(f"The threat {threat} was withdrawn. Report it again if it is one after all.")
        self.about, self.instead = thing(threat), "Report it again if it is one after all."


class MergedWithItself(Rejected):
    """A threat cannot be merged with itself."""

    def __init__(self) -> None:
        super().__init__("A threat cannot be merged into itself; choose another one.", field="kept")


class NoSuchCandidate(Rejected):
    """No rule yields the candidate, or no longer."""

    def __init__(self, candidate: str) -> None:
        super().__init__(
            f"{candidate} does not come up any more: something it was about has changed since. "
            "There is nothing left to decide."
        )
        self.about, self.instead = thing(candidate), "There is nothing left to decide."


class AlreadyConfirmed(Rejected):
    """The candidate is already confirmed as a threat."""

    def __init__(self, candidate: str, threat: str) -> None:
        super().__init__(f"{candidate} was confirmed already, as {threat}. Withdraw that if it is none.")
        self.about, self.instead = thing(candidate), f"Withdraw {threat} if it is none."


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
        super().__init__(f"{candidate} is not dismissed (any more).")
        self.about, self.instead = thing(candidate), "It is no longer dismissed."


class NoSuchTopic(Rejected):
    """The screening has no such topic, or no such answer."""

    def __init__(self, topic: str) -> None:
        super().__init__(f"The screening has no line “{topic}” with that answer.")


class NothingToConfirm(Rejected):
    """No feature is screened out that a second person has not confirmed."""

    def __init__(self) -> None:
        super().__init__("There is nothing to confirm: nothing is screened out, or it is confirmed already.")


class OwnScreening(Rejected):
    """The author of a screening cannot confirm it."""

    def __init__(self) -> None:
        super().__init__("You screened this out yourself. Someone else who takes part must confirm it.")


class NotInTheGrid(Rejected):
    """The element has no row in the coverage grid."""

    def __init__(self, element: ElementId, kind: Kind) -> None:
        super().__init__(
            f"{element} has no row of its own: {PLURAL[kind]} are looked at through what they belong to."
        )
