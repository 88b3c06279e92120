"""What files propose can be accepted as it is, and the same files propose nothing again."""

from bot.drafts import SourceFile, read_draft
from bot.drafts.draft_drift import drift_from_model
from domain.draft_comparison.compared_draft import ItemState, compare_draft
from domain.drafts.draft import Draft
from domain.kernel.elements import DataFlow, Kind
from domain.model import ThreatModel
from domain.replay import replay
from tests.domain.drafted_shop import accept, seen_all
from tests.drafts.fixture_drafts import FIXTURES, fixture_draft
from tests.drafts.judgement import JUDGED, read_unseen
from tests.drafts.test_fixture_counts import COUNTS
from tests.examples import decide_all, started


def accepted(draft: Draft) -> ThreatModel:
    """A model into which everything was accepted, as often as it takes: also what is only possible."""
    items = {one.key: True for one in draft.items}
    model = replay([started()])
    past = [started()]
    for minute in range(10, 20):
        comparison = compare_draft(draft, model)
        assert not [one for one in comparison.in_state(ItemState.CONFLICT) if not one.identical]
        if not comparison.open:
            break
        past = decide_all(accept(draft, seen_all(draft, items=items), minute=minute), after=past)
        model = replay(past)
    return model


def test_whole_drafts_can_be_accepted_and_propose_nothing_again() -> None:
    drafts = {names: fixture_draft(names) for names in COUNTS} | {name: read_unseen(name) for name in JUDGED}
    left: dict[str, list[str]] = {}
    for names, draft in drafts.items():
        model = accepted(draft)
        left[names] = [f"{one.state} {one.key}" for one in compare_draft(draft, model).open]
        left[names] += [one.text for one in drift_from_model(draft, model).drifts]
        kinds = [kind for kind in Kind if kind is not Kind.COMPONENT]
        for kind in kinds:
            proposed = sum(one.kind is kind for one in draft.items)
            if len(model.of_kind(kind)) != proposed:
                left[names].append(f"{kind}: {len(model.of_kind(kind))} of {proposed}")
    assert left == {names: [] for names in drafts}


def test_accepted_flows_are_named_by_their_ends() -> None:
    model = accepted(fixture_draft("shop.compose.yaml"))
    assert {one.name for one in model.of_kind(Kind.DATA_FLOW) if isinstance(one, DataFlow)} == {""}


def test_the_same_content_under_another_name_and_below_other_lines_proposes_nothing() -> None:
    model = accepted(fixture_draft("shop.compose.yaml"))
    text = (FIXTURES / "shop.compose.yaml").read_text()
    moved = SourceFile(name="deploy/stack.yml", content=f"# Moved\n\n{text}".encode())
    assert compare_draft(read_draft([moved]), model).open == ()
