"""Where elements and answers come from: in the report, for programs, and in files of other formats."""

from typing import Any, cast

from bot.cli.output.json_document import model_json
from bot.formats import FORMATS
from bot.formats.format_detection import create_model_here, preview_of, read_file
from bot.store.codec import read_event
from domain.commands import AnswerQuestions, Reply
from domain.kernel.answer import Answer
from domain.kernel.elements import ChannelId, ElementId, Kind
from domain.register import register
from domain.replay import replay
from tests.domain.drafted_shop import component, shop
from tests.examples import ANA, at, decide_all
from tests.formats.export_sources import export_source_of
from tests.report.report_sources import report_of_events
from tests.report.test_contents import rows

CO1 = ElementId("CO-1")
EVENTS = shop(component("by hand", 20))


def test_the_report_names_the_file_and_line_of_each_element_that_came_from_one() -> None:
    report = report_of_events(EVENTS)

    places = {one["Name"]: one["Source"] for one in rows(report, "component")}
    assert (places["web"], places["orders-db"]) == ("compose.yaml:3", "compose.yaml:12")
    assert ":" not in places["by hand"]
    (web,) = [one for one in rows(report, "answers-component") if one["Element"] == "web (CO-1)"]
    assert "(compose.yaml:8)" in web["No"]
    assert [one["Source"] for one in rows(report, "data-flow")] == ["compose.yaml:6", "compose.yaml:9"]
    assert "Source" not in rows(report_of_events(EVENTS[:1] + EVENTS[-1:]), "component")[0]


def test_programs_read_the_key_the_place_and_the_evidence() -> None:
    found = model_json(register(replay(EVENTS), at(30)))

    web, *_, by_hand = cast("list[dict[str, Any]]", found["components"])
    assert web["sources"] == [{"key": "compose:web", "file": "compose.yaml", "line": 3, "draft": "TM-1/D-1"}]
    assert web["evidence"] == {"isolated": "compose.yaml:8"}
    changed = AnswerQuestions(
        by=ANA, at=at(30), replies=(Reply(element=CO1, fact="isolated", answer=Answer.YES),)
    )
    after = model_json(register(replay(decide_all(changed, after=EVENTS)), at(31)))
    assert cast("list[dict[str, Any]]", after["components"])[0]["evidence"] == {}, "it shows another answer"
    assert (by_hand["sources"], by_hand["evidence"]) == ([], {})


def test_exports_carry_them_and_imports_do_not_mind() -> None:
    source = export_source_of(tuple(EVENTS))
    for name in ("otm", "threat-dragon", "tm-bom"):
        written = FORMATS[name].write(source)
        assert b"compose.yaml:3" in written, name
        found = read_file(written, read_event)
        created = create_model_here(found, channel=ChannelId("C1"), by=ANA, at=at(40))
        notes = preview_of(found, created).notes
        assert not [one for one in notes if "source" in one], (name, notes)
        assert len(replay(created.events).of_kind(Kind.COMPONENT)) == 4
