"""Prompts to think further: what no rule can ask, each about one element and answered by people."""

from datetime import datetime
from enum import StrEnum

import msgspec

from domain.kernel.elements import ElementId, Kind, PersonId
from domain.kernel.threat import Stride, ThreatId

MOST_PROMPTS = 5
"""The number of prompts that a model asks in all."""


class PromptKind(StrEnum):
    """What a prompt asks."""

    ALLOWED_HARM = "allowed_harm"
    """Of an exposed entry point."""
    SILENT_FAILURE = "silent_failure"
    """Of a component or dependency that is a security control."""
    TAKEOVER = "takeover"
    """Of a powerful component or dependency."""
    HIDDEN_BEHAVIOR = "hidden_behavior"
    """Of a component with a machine-learning model."""

    @property
    def question(self) -> str:
        """Return what is asked."""
        return _QUESTIONS[self]

    @property
    def stride(self) -> tuple[Stride, ...]:
        """Return the categories of its answers, unless the person chooses others."""
        return _CATEGORIES[self]

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Return the kinds of elements that it can be about."""
        if self is PromptKind.ALLOWED_HARM:
            return (Kind.ENTRY_POINT,)
        return (Kind.COMPONENT, Kind.EXTERNAL_DEPENDENCY)


_QUESTIONS = {
    PromptKind.ALLOWED_HARM: "What harm can someone do here that is allowed?",
    PromptKind.SILENT_FAILURE: (
        "What escapes it, who is exempt, and how would we notice if it fails silently?"
    ),
    PromptKind.TAKEOVER: "If it is taken over, what does the attacker see and reach?",
    PromptKind.HIDDEN_BEHAVIOR: "What would it do that we would not want anyone to see?",
}
_CATEGORIES = {
    PromptKind.ALLOWED_HARM: (Stride.TAMPERING,),
    PromptKind.SILENT_FAILURE: (Stride.ELEVATION_OF_PRIVILEGE,),
    PromptKind.TAKEOVER: (Stride.INFORMATION_DISCLOSURE, Stride.ELEVATION_OF_PRIVILEGE),
    PromptKind.HIDDEN_BEHAVIOR: (Stride.INFORMATION_DISCLOSURE,),
}


class PromptAnswer(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """A person's answer to a prompt: the threat that came of it, or none."""

    prompt: PromptKind
    element: ElementId
    by: PersonId
    at: datetime
    threat: ThreatId | None = None
