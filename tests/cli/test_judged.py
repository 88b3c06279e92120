"""What the terminal shows of suggested threats that were dismissed, and of what is covered."""

from collections.abc import Sequence
from io import StringIO

from rich.console import Console

from bot.cli.model_queries.model_lookup import ModelSnapshot
from bot.cli.output.model_tables import print_model
from domain.commands import ConsiderRow, DismissSuggestedThreats, ReportThreat
from domain.events import RecordedEvent
from domain.kernel.elements import ElementId
from domain.kernel.threat import Stride, SuggestedThreatId
from domain.register import register
from domain.replay import replay
from tests.domain.suggested_threats import AMINA
from tests.examples import at, decide_all, house


def printed(events: Sequence[RecordedEvent]) -> str:
    out = StringIO()
    seen = ModelSnapshot(register=register(replay(events)), naming=lambda person: person.title(), as_of=at(0))
    print_model(seen, Console(file=out, width=200, highlight=False))
    return out.getvalue()


def cells(text: str, element: str) -> list[str]:
    """The cells of a row of the coverage table, without its name."""
    table = text.partition("Coverage (")[2]
    return next(line for line in table.splitlines() if line.startswith(f" {element} ")).split()


def test_a_dismissed_suggested_threat_is_listed_with_its_reason() -> None:
    up = register(replay(house())).suggested_threats[0]
    assert "Dismissed suggested threats" not in printed(house())
    dismiss = DismissSuggestedThreats(
        by=AMINA, at=at(300), suggested_threats=(SuggestedThreatId(up.id),), reason="The wall is bricked up"
    )
    text = printed(decide_all(dismiss, after=house()))
    (line,) = (one for one in text.splitlines() if "The wall is bricked up" in one)
    assert line.split()[0] == up.id
    assert "Uamina" in line


def test_the_coverage_grid_is_shown_with_threats_and_reasons() -> None:
    power = ElementId("XD-2")
    events = decide_all(
        ReportThreat(by=AMINA, at=at(300), title="Dark", element=power, stride=(Stride.DENIAL_OF_SERVICE,)),
        after=house(),
    )
    reported = register(replay(events)).threats[-1].id
    assert cells(printed(events), power)[2:] == ["○", "○", "○", "✓", reported]
    considered = ConsiderRow(by=AMINA, at=at(301), element=power, reason="We have candles")
    row = cells(printed(decide_all(considered, after=events)), power)
    assert row[2:7] == ["✓", "✓", "✓", "✓", reported]
    assert " ".join(row[7:]) == "We have candles (Uamina)"
    assert "● to decide" in printed(events)


def test_a_question_of_a_whole_catalogue_names_only_a_few_rules() -> None:
    (line,) = (one for one in printed(house()).splitlines() if one.startswith(" CO-2 House"))
    assert line.rstrip().endswith("more")
