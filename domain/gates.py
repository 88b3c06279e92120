"""What should be true before a threat model is closed."""

import msgspec

from domain.coverage import Coverage
from domain.crossings import Crossing
from domain.dread.scoring import Band
from domain.elements import ElementId
from domain.lifecycle import missing_for_analysis
from domain.model import ThreatModel
from domain.own_threats import ThreatId
from domain.scores import scores_of
from domain.standings import Standing, ThreatState
from domain.threats import Analysis


class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """One condition for closing, and whether it is met."""

    id: str
    met: bool
    text: str


def gates(
    model: ThreatModel,
    crossing: dict[ElementId, Crossing],
    found: Analysis,
    grid: Coverage,
    standing: dict[ThreatId, Standing],
) -> tuple[Gate, ...]:
    """The gates of a model in the order in which a team meets them; `found` has undecided candidates."""
    missing, cells = missing_for_analysis(model), grid.open_cells
    voting = [one.id for one in model.open_rounds()]
    unknown = [question for question in found.questions if question.crossing]
    return (
        Gate(
            id="collected",
            met=not missing,
            text="There is an asset, an entry point, a trust level and a data flow"
            + (f" (missing: {', '.join(missing)})" if missing else ""),
        ),
        Gate(
            id="no_unknowns",
            met=not unknown,
            text="Every question about a flow that crosses a boundary is answered"
            + (f" ({len(unknown)} open, {len(crossing)} flows cross)" if unknown else ""),
        ),
        Gate(
            id="candidates_decided",
            met=not found.candidates,
            text="Every candidate is confirmed or dismissed"
            + (f" ({len(found.candidates)} open)" if found.candidates else ""),
        ),
        Gate(
            id="cells_decided",
            met=not cells,
            text="Every cell of the coverage grid that a crossing flow makes matter is decided"
            + (f" ({cells} open)" if cells else ""),
        ),
        Gate(
            id="votes_settled",
            met=not voting,
            text="No threat is being voted on" + (f" (open: {', '.join(voting)})" if voting else ""),
        ),
        *_of_remediation(model, standing),
    )


def _of_remediation(model: ThreatModel, standing: dict[ThreatId, Standing]) -> tuple[Gate, ...]:
    grave = [id for id, score in scores_of(model).items() if score.tally.band in _GRAVE]
    unsettled = [id for id, one in standing.items() if id in grave and not one.has_owner_and_date]
    unaccepted = [
        id for id, one in standing.items() if one.state is ThreatState.EXPIRED or one.proposal is not None
    ]
    return (
        Gate(
            id="responses_chosen",
            met=not unsettled,
            text="Every high or critical threat has a response, with owner and date" + _open(unsettled),
        ),
        Gate(
            id="acceptances_approved",
            met=not unaccepted,
            text="Every accepted risk has an approver, a reason and a day that is still to come"
            + _open(unaccepted),
        ),
    )


def _open(threats: list[ThreatId]) -> str:
    return f" (open: {', '.join(threats)})" if threats else ""


_GRAVE = (Band.HIGH, Band.CRITICAL)
