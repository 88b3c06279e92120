"""Impacts: what a threat leads to, as the end of its statement names it."""

from enum import StrEnum

from domain.kernel.stride import Stride


class Impact(StrEnum):
    """The kinds of impact, in the words that stand before the assets concerned."""

    ACCESS = "unauthorized access to"
    ACTIONS = "unauthorized actions on"
    CHANGES = "unauthorized changes to"
    CORRUPTION = "lost or inconsistent changes to"
    DECISIONS = "manipulated decisions on"
    DISCLOSURE = "disclosure of"
    DISCLOSURE_OR_CHANGES = "disclosure of or unauthorized changes to"
    EASIER_ATTACKS = "easier attacks on"
    OUTAGE = "loss of availability of"
    UNDETECTED_ATTACKS = "undetected attacks on"
    UNTRACEABLE_ACTIONS = "disputed or untraceable actions on"


IMPACT_OF_CATEGORY = {
    Stride.SPOOFING: Impact.ACCESS,
    Stride.TAMPERING: Impact.CHANGES,
    Stride.REPUDIATION: Impact.UNTRACEABLE_ACTIONS,
    Stride.INFORMATION_DISCLOSURE: Impact.DISCLOSURE,
    Stride.DENIAL_OF_SERVICE: Impact.OUTAGE,
    Stride.ELEVATION_OF_PRIVILEGE: Impact.ACCESS,
}
"""The impact of the rules of each category, except for those that name another one."""
