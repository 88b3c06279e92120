"""Text about controls in place: by which answers, on whose word, and since when."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from domain.analysis.rule_findings import ControlInPlace, FactUsed, WaitingControl
from domain.catalog import Catalog
from domain.kernel.answer_basis import AnswerBasis, BasisKind
from domain.kernel.elements import ElementId
from domain.kernel.text_formatting import Naming


def basis_text(basis: AnswerBasis, naming: Naming | None) -> str:
    """Return what an answer rests on, who gave it and when: `stated for all by Ana, 4 Jan 2027`.

    Without a `naming` it does not say who.
    """
    who = f" by {naming(basis.by)}" if naming else ""
    source = f", because {basis.assumed.reason}" if basis.assumed else ""
    kind = "confirmed by a spot check, stated" if basis.kind is BasisKind.CONFIRMED else basis.kind.label
    return f"{kind}{who}, {_day(basis.at)}{source}"


def control_lines(one: ControlInPlace, naming: Naming | None) -> Iterator[str]:
    """Yield the controls that prevent a threat, each with its answer, on whose word and on what basis."""
    for used in one.facts:
        word = basis_text(used.basis, naming) if used.basis else one.basis.label
        yield f"“{used.statement}”: {used.answer.label}, {word}"
    for seen in one.observed:
        yield f"{seen.statement}, as the model describes it"
    if not one.facts and not one.observed:
        yield "By the description of the model"


def control_text(one: ControlInPlace) -> str:
    """Return the controls that prevent a threat in a line, without who stated them."""
    seen = [used.statement for used in one.facts] or [seen.statement for seen in one.observed]
    return "; ".join(seen) or "By the description of the model"


def decided_by(one: WaitingControl, catalog: Catalog, name_of: Callable[[ElementId], str]) -> str:
    """Return what decides whether a missing control is needed; of several questions the first."""
    if not one.questions:
        return "Depends on what the model does not describe yet, such as types and placements."
    element, fact = one.questions[0]
    where = "" if element == one.element else f" at {name_of(element)}"
    return f"Depends on “{catalog.facts[fact].question}”{where}."


def former_controls(facts: Iterable[FactUsed], naming: Naming) -> Iterator[str]:
    """Yield which of the missing controls were in place before, on whose word, since when and until when."""
    for used in facts:
        former = used.basis.former_yes if used.basis else None
        if used.basis is not None and former is not None:
            yield (
                f"“{used.statement}” was in place before, {basis_text(former, naming)}; "
                f"changed by {naming(used.basis.by)}, {_day(used.basis.at)}"
            )


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%b %Y}"
