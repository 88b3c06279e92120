"""Rules about the people whom data is about, by the categories of LINDDUN."""

from domain.kernel.elements import DataKind, Kind
from domain.kernel.threat import Linddun, Stride
from domain.rules import asset_predicates, component_predicates
from domain.rules.asset_predicates import holder
from domain.rules.conditions import AllOf, AnyAmong, AnyOf, Structure, Truth, guarded, itself, truth
from domain.rules.entry_point_predicates import LOGS_IN, component_behind, reached_assets
from domain.rules.flow_predicates import BY_SOFTWARE, carried, flow
from domain.rules.model_index import RuleTarget
from domain.rules.rule import CONFIDENTIALITY, Control, Impact, Rule, ThreatSource


def _leads_to_evaluation(about: RuleTarget) -> Truth:
    targets = (way.target for way in flow(about).directions if way.assets)
    return truth(any(component_predicates.evaluates(about.index, one) for one in targets))


def _knows_of_people(about: RuleTarget) -> Truth:
    """Return whether any asset is about people; unknown while it is not said of some."""
    told = {asset.data for asset in about.index.assets.values()}
    return truth(True if DataKind.PERSONAL in told else None if None in told or not told else False)


HANDLES_PERSONAL_DATA = AnyAmong(among=component_predicates.handled_assets, part=asset_predicates.PERSONAL)
KNOWS_OF_PEOPLE = Structure(
    name="personal data passes through the system", holds=_knows_of_people, explains=False
)
CARRIES_PERSONAL_DATA = AnyAmong(among=carried, part=asset_predicates.PERSONAL)
LEADS_TO_EVALUATION = Structure(name="it leads to a place that evaluates data", holds=_leads_to_evaluation)
ABOUT_PEOPLE = AllOf((asset_predicates.STORED_BY_SOFTWARE, asset_predicates.PERSONAL))

RULES = (
    Rule(
        id="I27",
        version=1,
        category=Stride.INFORMATION_DISCLOSURE,
        linddun=Linddun.LINKING,
        kind=Kind.COMPONENT,
        title="Records of a person linked across purposes",
        explanation="Put together, harmless records show more of a person than any of them should.",
        applies=AllOf((component_predicates.SOFTWARE, component_predicates.GATHERS_PERSONAL_DATA)),
        controlled=guarded("records_kept_unlinkable"),
        question="What do the records show of a person when they are put together?",
        source=ThreatSource.INSIDER,
        action="put together in {element} what a person did for different purposes",
        controls=(
            Control(CONFIDENTIALITY, "Use a different identifier of a person for each purpose"),
            Control(
                CONFIDENTIALITY, "Keep data of different purposes in separate places, without a common key"
            ),
        ),
        cwe=(359,),
        false_alarm="Each reader may see all of these records of a person, and needs them together.",
        cell=itself,
    ),
    Rule(
        id="I28",
        version=1,
        category=Stride.INFORMATION_DISCLOSURE,
        linddun=Linddun.IDENTIFYING,
        kind=Kind.ASSET,
        title="People identified where a pseudonym would do",
        explanation="Evaluations, logs and models rarely need to know who a person is.",
        applies=AllOf((ABOUT_PEOPLE, asset_predicates.IS_EVALUATED)),
        controlled=guarded("pseudonymized"),
        question="Who needs to know whom it is about?",
        source=ThreatSource.INSIDER,
        action="tell from {element} who a person is",
        controls=(
            Control(CONFIDENTIALITY, "Replace names by pseudonyms, and keep the key elsewhere"),
            Control(CONFIDENTIALITY, "Evaluate only groups that are large enough"),
        ),
        cwe=(359,),
        asvs=("V14.2",),
        false_alarm="Each use of it needs the name, such as a letter or a delivery.",
        cell=holder,
    ),
    Rule(
        id="I29",
        version=1,
        category=Stride.INFORMATION_DISCLOSURE,
        linddun=Linddun.DETECTING,
        kind=Kind.ENTRY_POINT,
        title="Presence of a person detectable",
        explanation="A response or its duration shows that a person has an account, such as a patient.",
        applies=AllOf((LOGS_IN, AnyAmong(among=reached_assets, part=asset_predicates.PERSONAL))),
        controlled=guarded("presence_hidden"),
        question="Does a response show whether a person is known here?",
        source=ThreatSource.CALLER,
        action="find out at {element} whether a person is known to the system",
        controls=(
            Control(CONFIDENTIALITY, "Respond alike, and in the same time, for known and unknown people"),
        ),
        cwe=(204,),
        capec=(575,),
        asvs=("V6.3",),
        false_alarm="Everyone may know who has an account, such as in a public directory of members.",
        cell=component_behind,
    ),
    Rule(
        id="I30",
        version=1,
        category=Stride.INFORMATION_DISCLOSURE,
        linddun=Linddun.DATA_DISCLOSURE,
        kind=Kind.ASSET,
        title="Personal data collected without need",
        explanation="What is not collected cannot leak, and cannot be demanded by anyone.",
        applies=ABOUT_PEOPLE,
        controlled=guarded("collection_minimized"),
        question="Which of these fields does no one use?",
        source=ThreatSource.INTRUDER,
        action="obtain details in {element} that the purpose does not need",
        controls=(
            Control(CONFIDENTIALITY, "Collect only what a stated purpose needs, as coarse as it allows"),
        ),
        cwe=(359,),
        asvs=("V14.2",),
        false_alarm="A law demands each of the fields, and none is used for anything else.",
        cell=holder,
    ),
    Rule(
        id="I31",
        version=1,
        category=Stride.INFORMATION_DISCLOSURE,
        linddun=Linddun.UNAWARENESS,
        kind=Kind.ASSET,
        title="People unaware of the use of their data",
        explanation="People cannot object to a use of their data of which they do not know.",
        applies=ABOUT_PEOPLE,
        controlled=guarded("people_informed"),
        question="Would it surprise these people what happens to their data?",
        source=ThreatSource.INSIDER,
        action="use {element} in ways that the people concerned do not know of",
        impact=Impact.ACTIONS,
        controls=(
            Control(
                CONFIDENTIALITY, "Tell people where the data is collected what it is used for, and by whom"
            ),
        ),
        cwe=(),
        false_alarm="The people enter the data themselves, only for what they see happen at once.",
        cell=holder,
    ),
    Rule(
        id="I32",
        version=1,
        category=Stride.INFORMATION_DISCLOSURE,
        linddun=Linddun.UNAWARENESS,
        kind=Kind.ASSET,
        title="No erasure of a person's data",
        explanation="Copies, logs and models keep what a person wanted to have erased.",
        applies=ABOUT_PEOPLE,
        controlled=guarded("erased_on_request"),
        question="What remains of a person after an erasure?",
        source=ThreatSource.INTRUDER,
        action="obtain parts of {element} that should have been erased",
        controls=(
            Control(CONFIDENTIALITY, "Erase on request in every store, copy and index, and at recipients"),
            Control(CONFIDENTIALITY, "Encrypt the data of each person with a key that can be destroyed"),
        ),
        cwe=(459,),
        asvs=("V14.2",),
        false_alarm="A law forbids the erasure until a set date, and the data is erased at that date.",
        cell=holder,
    ),
    Rule(
        id="I33",
        version=1,
        category=Stride.INFORMATION_DISCLOSURE,
        linddun=Linddun.DATA_DISCLOSURE,
        kind=Kind.COMPONENT,
        title="Personal data in logs",
        explanation="Logs are read by many and kept long, and so is what they tell of people.",
        applies=AnyOf(
            (
                AllOf((component_predicates.LOG_STORE, KNOWS_OF_PEOPLE)),
                AllOf((component_predicates.WRITES_A_LOG_OF_ITS_OWN, HANDLES_PERSONAL_DATA)),
            )
        ),
        controlled=guarded("log_without_personal_data"),
        question="Whom does the log tell of, and who reads it?",
        source=ThreatSource.INSIDER,
        action="read personal data in the logs of {element}",
        controls=(Control(CONFIDENTIALITY, "Remove or mask personal data before logging"),),
        cwe=(532,),
        asvs=("V16.2",),
        false_alarm="The values are pseudonyms that no reader of the log can trace to a person.",
        cell=itself,
    ),
    Rule(
        id="I34",
        version=1,
        category=Stride.INFORMATION_DISCLOSURE,
        linddun=Linddun.IDENTIFYING,
        kind=Kind.DATA_FLOW,
        title="People identifiable in data for evaluation",
        explanation="Exact times, places and free text single a person out, also without a name.",
        applies=AllOf((BY_SOFTWARE, LEADS_TO_EVALUATION, CARRIES_PERSONAL_DATA)),
        controlled=guarded("deidentified"),
        question="Whom could the recipient recognize, alone or with other data?",
        source=ThreatSource.RECEIVER,
        action="recognize people in {element}",
        controls=(
            Control(
                CONFIDENTIALITY, "Remove names and numbers, also from free text, before data is passed on"
            ),
            Control(CONFIDENTIALITY, "Coarsen times, ages and places until each group is large enough"),
        ),
        cwe=(359,),
        asvs=("V14.2",),
        false_alarm="The recipient has to contact the people, and may see each of them by name.",
        cell=itself,
    ),
)
