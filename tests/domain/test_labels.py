"""Labels of a model: each once, short, by any participant, also after the model was closed."""

import pytest

from domain.commands import ChooseLabels
from domain.decide import decide
from domain.events import LabelsChosen
from domain.kernel.length_limits import LABEL, LABELS
from domain.rejections import Rejected
from domain.replay import replay
from tests.domain.remediation_story import THREATS
from tests.examples import ANA, BEN, at, closed, decide_all, started

STARTED = replay([started()])


def test_labels_are_chosen_once_whatever_their_capitalization() -> None:
    chosen = ChooseLabels(by=BEN, at=at(1), labels=(" team:  payments ", "PCI DSS", "", "pci dss"))

    (event,) = decide(chosen, STARTED)

    assert event == LabelsChosen(by=BEN, at=at(1), answer=2, labels=("team: payments", "PCI DSS"))
    assert replay([started(), event]).labels == ("team: payments", "PCI DSS")
    assert list(decide(chosen, replay([started(), event]))) == []


@pytest.mark.parametrize("labels", [("x" * (LABEL + 1),), tuple(f"label {n}" for n in range(LABELS + 1))])
def test_too_long_or_too_many_labels_are_rejected(labels: tuple[str, ...]) -> None:
    with pytest.raises(Rejected) as refused:
        decide(ChooseLabels(by=BEN, at=at(1), labels=labels), STARTED)
    assert refused.value.field == "labels"


def test_a_closed_model_can_be_labeled() -> None:
    after = decide_all(
        ChooseLabels(by=ANA, at=at(9_001), labels=("done",)), after=closed(THREATS, minute=9_000)
    )
    assert replay(after).labels == ("done",)
