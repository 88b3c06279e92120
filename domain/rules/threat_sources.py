"""Threat sources: who or what brings a threat about."""

from enum import StrEnum


class ThreatSource(StrEnum):
    """The kinds of threat source; a threat statement names each after the model."""

    CALLER = "caller"
    """Someone who reaches the entry point, or starts the flow."""
    SENDER = "sender"
    """Someone who can write to the queue that a flow comes from."""
    NETWORK = "network"
    """Someone with access to the network between the two ends."""
    INSIDER = "insider"
    """Someone with legitimate access to the system."""
    OTHER_SITE = "other site"
    """A website that a signed-in user visits."""
    SUPPLIER = "supplier"
    """The provider of an external dependency, or an attacker in its place."""
    RECEIVER = "receiver"
    """The party to which a flow leads."""
    INTRUDER = "intruder"
    """Someone with a foothold, lost data or a retired name; access to the element is not needed before."""
    FAILURE = "failure"
    """An outage, a fault or a mistake; no one intends it."""
    OUTAGE = "outage"
    """An outage of the element itself."""
