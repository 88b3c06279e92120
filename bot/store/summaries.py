"""List entry of a model: computed from its events, and stored beside them."""

from bot.store.records import Summary
from domain.lifecycle import phase_of
from domain.model import ThreatModel


def summary_of(model: ThreatModel) -> Summary:
    """Return the list entry of a model."""
    return Summary(name=model.name, channel=model.channel, phase=phase_of(model.step))


def listed(model: ThreatModel) -> Summary | None:
    """Return the list entry of a model; None if it was never started, or is erased."""
    return summary_of(model) if model.step else None
