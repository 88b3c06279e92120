"""A model's entry in the list of models: computed from its events, and kept beside them."""

from bot.store.records import Summary
from domain.lifecycle import phase_of
from domain.model import ThreatModel
from domain.voting.turnout import next_deadline


def summary_of(model: ThreatModel) -> Summary:
    """Return a model's entry in the list of models."""
    return Summary(
        name=model.name,
        channel=model.channel,
        phase=phase_of(model.step),
        next_due=next_deadline(model),
    )


def listed(model: ThreatModel) -> Summary | None:
    """The same; None for a model that was never started or is erased, which is not listed."""
    return summary_of(model) if model.step else None
