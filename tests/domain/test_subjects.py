"""Names of what events are about, as refusals use them."""

from domain.kernel.event_subjects import Side, Subject, coarse, subject_text
from tests.for_each import for_each

SIDES_OF_A_THING = {
    Side.THING,
    Side.ELEMENT,
    Side.FACTS,
    Side.ASSUMPTION,
    Side.THREAT,
    Side.SCORE,
    Side.CANDIDATE,
    Side.MITIGATION,
}


@for_each("side", Side)
def test_every_side_has_a_name_and_only_the_sides_of_a_thing_are_named_by_its_id(side: Side) -> None:
    name = subject_text(Subject(side, "EP-1"))
    assert name
    assert (name == "EP-1") == (side in SIDES_OF_A_THING)


@for_each("side", Side)
def test_the_sides_of_a_thing_become_one_subject(side: Side) -> None:
    subject = Subject(side, "EP-1")
    assert coarse(subject) == (Subject(Side.THING, "EP-1") if side in SIDES_OF_A_THING else subject)


def test_an_id_with_braces_is_named_as_it_is() -> None:
    assert subject_text(Subject(Side.RESPONSE, "{0}")) == "the response to {0}"
