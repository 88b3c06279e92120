"""Cross-register rules: inconsistencies between registers."""

from domain.kernel.elements import Kind
from domain.kernel.threat import Stride
from domain.rules import asset_predicates, dependency_predicates, entry_point_predicates
from domain.rules.conditions import AllOf, AnyOf, guarded, itself
from domain.rules.flow_predicates import (
    BOUNDARY_BETWEEN,
    ENDS_ARE_INTERNAL,
    LEVELS_DIFFER,
    OUTSIDERS_BETWEEN,
    more_trusted_end,
)
from domain.rules.rule import AUTHORIZATION, AVAILABILITY, Control, Rule, ThreatSource

RULES = (
    Rule(
        id="X01",
        version=2,
        category=Stride.ELEVATION_OF_PRIVILEGE,
        kind=Kind.ENTRY_POINT,
        title="Entry point bypasses an asset's access list",
        explanation="Callers who are not on an asset's access list can reach it through this entry point.",
        applies=entry_point_predicates.BYPASSES_ACCESS_LIST,
        controlled=guarded("authorization_checked"),
        question="How is access to the asset restricted behind this entry point?",
        source=ThreatSource.CALLER,
        action="access {peer} through {element} without being on the access list",
        controls=(Control(AUTHORIZATION, "Check authorization where the asset is accessed"),),
        cwe=(863,),
        false_alarm="No request through this entry point can cause a read or a change of this asset.",
        cell=entry_point_predicates.component_behind,
        peers=entry_point_predicates.reached_assets,
    ),
    Rule(
        id="X02",
        version=1,
        category=Stride.ELEVATION_OF_PRIVILEGE,
        kind=Kind.DATA_FLOW,
        title="No boundary between different trust levels",
        explanation="An attacker in the less trusted part can move on to the more trusted part.",
        applies=AllOf((ENDS_ARE_INTERNAL, LEVELS_DIFFER, OUTSIDERS_BETWEEN)),
        controlled=BOUNDARY_BETWEEN,
        question="What separates the less trusted from the more trusted side?",
        source=ThreatSource.INTRUDER,
        action="move from the less trusted to the more trusted side through {element}",
        cause="no trust boundary separates the two sides",
        controls=(
            Control(AUTHORIZATION, "Define a boundary between the two, and check rights where it is crossed"),
        ),
        cwe=(653,),
        false_alarm=(
            "One of the trust levels is entered wrongly: both sides hold the same rights and secrets."
        ),
        cell=more_trusted_end,
    ),
    Rule(
        id="X03",
        version=1,
        category=Stride.ELEVATION_OF_PRIVILEGE,
        kind=Kind.ENTRY_POINT,
        title="No trust level for anonymous users",
        explanation="The model does not state what anonymous users from the internet may do.",
        applies=entry_point_predicates.PUBLIC,
        controlled=entry_point_predicates.HAS_ANONYMOUS_LEVEL,
        question="What may anonymous users do?",
        source=ThreatSource.CALLER,
        action="reach {element} anonymously",
        cause="the model has no trust level for anonymous users",
        controls=(
            Control(AUTHORIZATION, "Add a trust level for anonymous users, and state what they may do"),
        ),
        cwe=(),
        false_alarm="The only trust level is that of anonymous users.",
        cell=itself,
        warns=True,
    ),
    Rule(
        id="X04",
        version=1,
        category=Stride.DENIAL_OF_SERVICE,
        kind=Kind.EXTERNAL_DEPENDENCY,
        title="Critical dependency without an owner",
        explanation="During an outage, time is lost finding out who is responsible for the dependency.",
        applies=dependency_predicates.ESSENTIAL,
        controlled=dependency_predicates.HAS_OWNER,
        question="Who is called when it fails?",
        source=ThreatSource.OUTAGE,
        action="last longer",
        cause="no owner is named",
        controls=(Control(AVAILABILITY, "Name an owner, and how to reach them"),),
        cwe=(),
        false_alarm=(
            "Who restores it is agreed and recorded elsewhere, with a contact that answers at all hours."
        ),
        cell=itself,
    ),
    Rule(
        id="X05",
        version=1,
        category=Stride.ELEVATION_OF_PRIVILEGE,
        kind=Kind.ASSET,
        title="Accepted risk has grown",
        explanation="The risk was accepted when less was at stake.",
        applies=asset_predicates.RATING_INCREASED,
        controlled=AnyOf(()),
        question="Would we accept it again?",
        source=ThreatSource.FAILURE,
        action="cause more damage to {element} than was accepted",
        cause="its rating has risen",
        controls=(Control(AUTHORIZATION, "Renew or withdraw the acceptance"),),
        cwe=(),
        false_alarm=(
            "The approver already assumed the present rating, and the record of the acceptance says so."
        ),
        cell=asset_predicates.holder,
        peers=asset_predicates.accepted_threats,
        warns=True,
    ),
)
