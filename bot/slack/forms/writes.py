"""What a form does to what is there already, as each form declares it."""

from enum import StrEnum

from bot.slack.kit.triggers import Target


class Writes(StrEnum):
    """What handing in a form may change."""

    ADDS = "adds"
    """It adds something. Nothing that is there is replaced, so what others did meanwhile does not matter."""
    ONCE = "once"
    """It takes a decision that the domain refuses to take a second time."""
    OWN = "own"
    """It says what only this person can say, so nobody else can have changed it."""
    READS = "reads"
    """It changes nothing."""
    REVISES = "revises"
    """It changes what is there: what its fields showed is remembered, and compared when it comes back."""


def adds_or_revises(target: Target) -> Writes:
    """What a form does that revises the element it was opened about, and else adds one."""
    return Writes.REVISES if target.element else Writes.ADDS
