"""The effect of each form on stored data, as the form declares it."""

from enum import StrEnum

from bot.slack.protocol.targets import Target


class WriteEffect(StrEnum):
    """The data that submitting a form may change."""

    ADDS = "adds"
    """Adds data and replaces none, so other people's changes do not conflict."""
    ONCE = "once"
    """Records a decision that the domain accepts only once."""
    OWN = "own"
    """Changes this person's own data, which no one else can change."""
    READS = "reads"
    """Changes nothing."""
    REVISES = "revises"
    """Changes stored data: the values shown are stored, and compared on submission."""


def adds_or_revises(target: Target) -> WriteEffect:
    """Return REVISES for a form that was opened about an element, else ADDS."""
    return WriteEffect.REVISES if target.element else WriteEffect.ADDS
