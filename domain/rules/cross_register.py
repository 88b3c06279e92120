"""Cross-register rules: inconsistencies between registers."""

from domain.kernel.elements import Kind
from domain.kernel.stride import ControlClass, Stride
from domain.rules import asset_predicates, dependency_predicates, entry_point_predicates
from domain.rules.conditions import AllOf, AnyOf, guarded, itself
from domain.rules.flow_predicates import BOUNDARY_BETWEEN, ENDS_ARE_INTERNAL, LEVELS_DIFFER, more_trusted_end
from domain.rules.rule import Rule, controls_of_class

RULES = (
    Rule(
        id="X01",
        version=2,
        category=Stride.ELEVATION_OF_PRIVILEGE,
        kind=Kind.ENTRY_POINT,
        title="The way to it is open to those who may not touch it",
        applies=entry_point_predicates.BYPASSES_ACCESS_LIST,
        controlled=guarded("authorised"),
        question="Who keeps them from it behind the door?",
        why="The list of who may touch it says one thing, and the door says another.",
        controls=controls_of_class(ControlClass.AUTHORIZATION, "Check the right where the asset is touched"),
        cwe=(863,),
        false_alarm="The way behind the door does not lead to this asset.",
        cell=entry_point_predicates.component_behind,
        peers=entry_point_predicates.reached_assets,
    ),
    Rule(
        id="X02",
        version=1,
        category=Stride.ELEVATION_OF_PRIVILEGE,
        kind=Kind.DATA_FLOW,
        title="No boundary between different trust",
        applies=AllOf((ENDS_ARE_INTERNAL, LEVELS_DIFFER)),
        controlled=BOUNDARY_BETWEEN,
        question="What keeps the less trusted side out of the more trusted one?",
        why="Whoever gets into the less trusted side simply walks on into the other.",
        controls=controls_of_class(
            ControlClass.AUTHORIZATION, "Draw a boundary between the two, and check rights where it is passed"
        ),
        cwe=(653,),
        false_alarm="Both sides are meant to be one, and one of the two trust levels is wrong.",
        cell=more_trusted_end,
    ),
    Rule(
        id="X03",
        version=1,
        category=Stride.ELEVATION_OF_PRIVILEGE,
        kind=Kind.ENTRY_POINT,
        title="No trust level is there for strangers",
        applies=entry_point_predicates.PUBLIC,
        controlled=entry_point_predicates.HAS_ANONYMOUS_LEVEL,
        question="Whom do we not know?",
        why="The internet comes with strangers, and the model has no word for them.",
        controls=controls_of_class(
            ControlClass.AUTHORIZATION, "Add a trust level for strangers, and say what they may do"
        ),
        cwe=(),
        false_alarm="The one trust level is that of strangers: nobody else ever comes.",
        cell=itself,
        warns=True,
    ),
    Rule(
        id="X04",
        version=1,
        category=Stride.DENIAL_OF_SERVICE,
        kind=Kind.EXTERNAL_DEPENDENCY,
        title="Nobody looks after what we cannot do without",
        applies=dependency_predicates.ESSENTIAL,
        controlled=dependency_predicates.HAS_OWNER,
        question="Whom do we call?",
        why="When it fails, the time goes into finding out whose it is.",
        controls=controls_of_class(
            ControlClass.AVAILABILITY, "Name somebody who looks after it, and how to reach them"
        ),
        cwe=(1357,),
        false_alarm="It is so common that somebody else will mend it first.",
        cell=itself,
    ),
    Rule(
        id="X05",
        version=1,
        category=Stride.ELEVATION_OF_PRIVILEGE,
        kind=Kind.ASSET,
        title="An accepted risk has grown",
        applies=asset_predicates.RATING_INCREASED,
        controlled=AnyOf(()),
        question="Would we accept it again?",
        why="The risk was accepted when less was at stake.",
        controls=controls_of_class(ControlClass.AUTHORIZATION, "Ask for the acceptance again"),
        cwe=(),
        false_alarm="The rating was wrong then, and those who accepted it knew.",
        cell=asset_predicates.holder,
        peers=asset_predicates.accepted_threats,
        warns=True,
    ),
)
