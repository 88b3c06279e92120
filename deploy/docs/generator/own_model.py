"""The bot's own threat model, read from its exported file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bot.formats.importers.history_import import import_history
from bot.store.codec import read_event
from deploy.docs.generator.tables import table
from domain.register import register
from domain.remediation.status import ThreatStatus
from domain.replay import replay

OWN_MODEL: Final = Path(__file__).resolve().parents[1] / "own-threat-model.json"


def own_threats() -> str:
    """Return the threats, the worst first, with their scores and what is done about each."""
    events = import_history(OWN_MODEL.read_bytes(), read_event).events
    known = register(replay(events), max(event.at for event in events))
    rows = (
        (
            one.threat.title,
            f"{one.score.tally.band}, {one.score.tally.mean:.1f}" if one.score else "",
            known.statuses[one.threat.id].state.label,
            "; ".join(_answers(known.statuses[one.threat.id])),
        )
        for one in known.ranked
    )
    return table(("Threat", "Score", "State", "Answer"), rows)


def _answers(status: ThreatStatus) -> Iterator[str]:
    yield from (one.mitigation.title for one in status.mitigations)
    if status.response is not None and status.response.reason:
        to = status.response.transferred_to
        yield f"{to}: {status.response.reason}" if to else status.response.reason
