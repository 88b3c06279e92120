"""Fields of remediation forms: who may approve, and titles whose end stays readable."""

from msgspec.structs import replace

from bot.slack.protocol.slack_limits import OPTION
from bot.slack.protocol.targets import Target
from bot.slack.ui.forms.form import FormContext
from bot.slack.ui.forms.form_fields import ChoiceField, PersonField
from bot.slack.ui.modals.modal_registry import FORMS
from domain.commands import ChoosePolicy, PlanMitigation, ProposeAcceptance
from domain.events import RecordedEvent
from domain.kernel.elements import PersonId
from domain.kernel.inherited_settings import BandPolicy, RemediationPolicy
from domain.register import register
from domain.replay import replay
from tests.domain.placed_mitigation import PLACED
from tests.domain.remediation_story import FRIDAY, TH1, TH2, THREATS
from tests.examples import ANA, BEN, CHI, at, decide_all
from tests.slack.hostile_models import STREAM
from tests.slack.view_contents import fixed_naming

NAMED = replace(
    RemediationPolicy(), critical=BandPolicy(due_days=30, accepted_days=90, approvers=(ANA, BEN, CHI))
)
POLICY = decide_all(ChoosePolicy(by=ANA, at=at(6), policy=NAMED), after=THREATS)


def fields(form: str, element: str, person: PersonId, events: list[RecordedEvent]) -> dict[str, object]:
    opening = FormContext(
        target=Target(stream=STREAM, element=element),
        person=person,
        register=register(replay(events)),
        naming=fixed_naming,
    )
    return {field.key: field for field in FORMS[form].parts(opening) if hasattr(field, "key")}


def test_the_approvers_of_the_policy_are_offered_and_never_the_proposer() -> None:
    offered = fields("accept", TH1, BEN, POLICY)["approver"]
    assert isinstance(offered, ChoiceField)
    assert [(one.value, one.text) for one in offered.options] == [(ANA, "Ana"), (CHI, CHI)]
    proposed = ProposeAcceptance(by=BEN, at=at(10), threat=TH1, reason="Rare", expires=FRIDAY, approver=CHI)
    again = fields("reassign_approval", TH1, ANA, decide_all(proposed, after=POLICY))["approver"]
    assert isinstance(again, ChoiceField)
    assert ([one.value for one in again.options], again.initial) == ([ANA, CHI], CHI)


def test_without_named_approvers_any_person_is_offered() -> None:
    assert isinstance(fields("accept", TH1, BEN, THREATS)["approver"], PersonField)


def test_a_long_mitigation_keeps_the_place_that_it_ends_with() -> None:
    title = f"Verify {'the identity of every caller '.strip() * 3} before granting access: Payment gateway"
    long = PlanMitigation(by=BEN, at=at(10), threat=TH1, title=title, owner=CHI)
    offered = fields("mitigation", f"{TH1},{TH2}", BEN, decide_all(long, after=PLACED))["existing"]
    assert isinstance(offered, ChoiceField)
    (text,) = [one.text for one in offered.options]
    assert len(text) <= OPTION
    assert text.startswith("MI-1 Verify")
    assert text.endswith("…: Payment gateway")
