"""The six categories of threat, and the class of control that answers each."""

from enum import StrEnum


class Stride(StrEnum):
    """The six categories of threat."""

    SPOOFING = "S"
    TAMPERING = "T"
    REPUDIATION = "R"
    INFORMATION_DISCLOSURE = "I"
    DENIAL_OF_SERVICE = "D"
    ELEVATION_OF_PRIVILEGE = "E"

    @property
    def label(self) -> str:
        """Return the name of the category."""
        return self.name.capitalize().replace("_", " ")


class ControlClass(StrEnum):
    """The classes of controls, in the order of the categories that each of them answers."""

    AUTHENTICATION = "authentication"
    INTEGRITY = "integrity"
    NON_REPUDIATION = "non-repudiation"
    CONFIDENTIALITY = "confidentiality"
    AVAILABILITY = "availability"
    AUTHORIZATION = "authorization"
