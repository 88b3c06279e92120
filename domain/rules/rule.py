"""A rule: data with two named conditions, and the texts that explain it."""

from collections.abc import Callable
from enum import StrEnum

import msgspec

from domain.elements import ElementId, Kind
from domain.rules.conditions import About, Condition


class Stride(StrEnum):
    """The six categories of threat."""

    SPOOFING = "S"
    TAMPERING = "T"
    REPUDIATION = "R"
    INFORMATION_DISCLOSURE = "I"
    DENIAL_OF_SERVICE = "D"
    ELEVATION_OF_PRIVILEGE = "E"

    @property
    def words(self) -> str:
        """The category's name as people read it."""
        return self.name.capitalize().replace("_", " ")


class ControlClass(StrEnum):
    """The class of control that answers each category."""

    AUTHENTICATION = "authentication"
    INTEGRITY = "integrity"
    NON_REPUDIATION = "non-repudiation"
    CONFIDENTIALITY = "confidentiality"
    AVAILABILITY = "availability"
    AUTHORIZATION = "authorization"


class Control(msgspec.Struct, frozen=True, kw_only=True):
    """A usual control, and its class."""

    text: str
    control_class: ControlClass


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for, when it is a threat, what to ask, and what usually helps.

    `applies` is what the element is, `controlled` what already guards it: a rule that applies and is not
    controlled gives a candidate; where a fact is missing it gives a question, never a candidate.
    `cell` is the element whose STRIDE cell the rule fills.
    """

    id: str
    version: int
    category: Stride
    kind: Kind
    title: str
    applies: Condition
    controlled: Condition
    question: str
    why: str
    controls: tuple[Control, ...]
    cwe: tuple[int, ...]
    capec: tuple[int, ...] = ()
    false_alarm: str
    cell: Callable[[About], ElementId]
