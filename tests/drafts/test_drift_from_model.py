"""Files are compared with a model: what was accepted, left or typed by people is known."""

from bot.drafts.draft_drift import DriftReport, drift_from_model, states_of
from domain.commands import ReviseComponent
from domain.draft_comparison.choices import DraftChoices
from domain.drafts.draft import Draft, SourceKey
from domain.kernel.elements import Kind
from domain.model import ThreatModel
from domain.replay import replay
from tests.domain.drafted_shop import accept, component, seen_all
from tests.drafts.fixture_drafts import FIXTURES, draft_of
from tests.examples import ANA, at, decide_all, started

TEXT = (FIXTURES / "minimal.compose.yaml").read_text()
DRAFT = draft_of(TEXT)


def accepted(draft: Draft, *left: str) -> ThreatModel:
    """A model into which all of a draft was accepted, except some items."""
    items = {one.key: True for one in draft.items} | {SourceKey(key): False for key in left}
    choices: DraftChoices = seen_all(draft, items=items)
    return replay(decide_all(accept(draft, choices), after=[started()]))


def told(report: DriftReport) -> list[str]:
    return [f"{one.place.line} {one.rule} {one.text}" for one in report.drifts]


def test_an_accepted_draft_has_no_drift() -> None:
    report = drift_from_model(DRAFT, accepted(DRAFT))
    assert (told(report), report.gone) == ([], ())
    assert set(states_of(DRAFT, accepted(DRAFT)).values()) == {"known"}


def test_a_model_without_anything_knows_nothing() -> None:
    report = drift_from_model(DRAFT, replay([started()]))
    assert [one.rule for one in report.drifts] == [
        *("new-component", "new-component", "new-external-dependency", "new-entry-point", "new-data-flow"),
        *("new-asset", "worse-answer"),
    ]


def test_new_and_worse_things_are_drift() -> None:
    model = accepted(DRAFT)
    port = draft_of(TEXT.replace('["3000:3000"]', '["3000:3000", "5005:5005"]'))
    assert told(drift_from_model(port, model)) == ["4 new-entry-point New entry point “app port 5005”"]
    privileged = draft_of(TEXT.replace("    build: .\n", "    build: .\n    privileged: true\n"))
    assert told(drift_from_model(privileged, model)) == [
        "4 worse-answer “app”: it runs with more privileges than it needs",
        "4 worse-answer “app”: it is not isolated from other workloads on its host",
    ]


def test_a_loopback_port_that_everyone_can_reach_is_drift() -> None:
    local = draft_of(TEXT.replace('"3000:3000"', '"127.0.0.1:3000:3000"'))
    assert told(drift_from_model(DRAFT, accepted(local))) == [
        "4 wider-exposure “app port 3000” can be reached from other machines (before: the same host)"
    ]
    assert told(drift_from_model(local, accepted(local))) == []


def test_what_people_left_is_known() -> None:
    assert told(drift_from_model(DRAFT, accepted(DRAFT, "dependency:container-images"))) == []


def test_a_renamed_element_is_known() -> None:
    model = accepted(DRAFT)
    (app,) = [one for one in model.of_kind(Kind.COMPONENT) if one.name == "app"]
    renaming = ReviseComponent(by=ANA, at=at(20), element=app.id, name="Storefront")
    past = decide_all(accept(DRAFT, seen_all(DRAFT)), renaming, after=[started()])
    assert told(drift_from_model(DRAFT, replay(past))) == []


def test_an_element_that_people_named_alike_is_known() -> None:
    model = replay(decide_all(component("App"), after=[started()]))
    assert states_of(DRAFT, model)[SourceKey("compose:app")] == "similar name"
    assert "new-component New component “app”" not in " ".join(told(drift_from_model(DRAFT, model)))
    assert "new-component New component “store”" in " ".join(told(drift_from_model(DRAFT, model)))


def test_what_is_gone_is_listed() -> None:
    without = draft_of(TEXT.replace('    ports: ["3000:3000"]\n', ""))
    report = drift_from_model(without, accepted(DRAFT))
    assert told(report) == []
    assert report.gone == ("“app port 3000” (compose:app:3000)",)
