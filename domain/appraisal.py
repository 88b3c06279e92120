"""What follows from a model and from what people decided: undecided candidates, questions, the grid."""

import msgspec
from msgspec.structs import replace

from domain.candidates import Dismissed, sift
from domain.checklists import checklists
from domain.coverage import Coverage, coverage
from domain.crossings import Crossing, crossings
from domain.elements import ElementId
from domain.model import ThreatModel
from domain.threats import Analysis, analyse


class Appraisal(msgspec.Struct, frozen=True, kw_only=True):
    """Everything computed about threats that is not one yet; `found` holds the undecided candidates alone."""

    crossing: dict[ElementId, Crossing]
    found: Analysis
    dismissed: tuple[Dismissed, ...]
    grid: Coverage


def appraise(model: ThreatModel) -> Appraisal:
    """Ask the rules, lay beside it what people decided, and see what is covered."""
    crossing = crossings(model)
    found = analyse(model, crossing=crossing)
    sifted = sift(model, found.candidates)
    undecided = (candidate.id for candidate in sifted.undecided)
    return Appraisal(
        crossing=crossing,
        found=replace(
            found,
            candidates=sifted.undecided,
            questions=checklists(model, crossing, found.questions),
        ),
        dismissed=sifted.dismissed,
        grid=coverage(model, crossing, found.verdicts, undecided),
    )
