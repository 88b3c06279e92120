"""The effect of each form on stored data, as the form declares it."""

from enum import StrEnum

from bot.slack.protocol.interactions import Target


class WriteEffect(StrEnum):
    """The data that submitting a form may change."""

    ADDS = "adds"
    """It adds something and replaces nothing, so others' changes do not matter."""
    ONCE = "once"
    """It takes a decision that the domain refuses to take a second time."""
    OWN = "own"
    """It holds this person's own data, which no one else can change."""
    READS = "reads"
    """It changes nothing."""
    REVISES = "revises"
    """It changes stored data: what its fields showed is remembered, and compared on submission."""


def adds_or_revises(target: Target) -> WriteEffect:
    """Return REVISES for a form that was opened about an element, else ADDS."""
    return WriteEffect.REVISES if target.element else WriteEffect.ADDS
