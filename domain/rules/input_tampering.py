"""Rules for tampering through input, messages and models."""

from domain.kernel.elements import Kind
from domain.kernel.stride import Stride
from domain.rules import component_predicates
from domain.rules.conditions import AllOf, AnyOf, guarded, it_is, itself
from domain.rules.entry_point_predicates import TAKES_INPUT
from domain.rules.impacts import Impact
from domain.rules.input_predicates import CONSUMES_MESSAGES, INPUT, SEARCH_NEARBY
from domain.rules.rule import AUTHENTICATION, AUTHORIZATION, CONFIDENTIALITY, INTEGRITY, Control, Rule
from domain.rules.threat_sources import ThreatSource

USES_MODEL = AllOf(
    (component_predicates.SOFTWARE_PROCESS, AnyOf((it_is("uses_model"), it_is("led_by_model"))))
)

RULES = (
    Rule(
        id="T14",
        version=1,
        category=Stride.TAMPERING,
        kind=Kind.ENTRY_POINT,
        also=(Kind.DATA_FLOW,),
        title="Path traversal",
        explanation="A crafted file name leads out of the intended directory to other files of the server.",
        applies=AllOf((INPUT, it_is("names_files"))),
        controlled=guarded("paths_confined"),
        question="Can a file name lead out of the directory?",
        source=ThreatSource.CALLER,
        action="read or write other files of the server through {element}",
        impact=Impact.DISCLOSURE_OR_CHANGES,
        controls=(
            Control(INTEGRITY, "Use generated file names and object keys"),
            Control(INTEGRITY, "Resolve the path, and check that it stays in the directory of the caller"),
        ),
        cwe=(22,),
        capec=(126,),
        asvs=("V5.3",),
        false_alarm=(
            "Input only selects from names that the system generated: no path or object key is built "
            "from its text."
        ),
        cell=itself,
    ),
    Rule(
        id="T15",
        version=1,
        category=Stride.TAMPERING,
        kind=Kind.ENTRY_POINT,
        also=(Kind.DATA_FLOW,),
        title="LDAP or search injection",
        explanation="Crafted input changes an LDAP or search query, so that it matches too much.",
        applies=AllOf((INPUT, SEARCH_NEARBY, it_is("reaches_search"))),
        controlled=guarded("search_escaped"),
        question="Is input escaped in LDAP and search queries?",
        source=ThreatSource.CALLER,
        action="inject LDAP or search commands through {element}",
        impact=Impact.DISCLOSURE,
        controls=(
            Control(INTEGRITY, "Escape input for the query language"),
            Control(INTEGRITY, "Use an API that builds the query from values"),
        ),
        cwe=(90, 943),
        capec=(136, 676),
        asvs=("V1.2",),
        false_alarm="Only values from a fixed list in the program reach the query, never the input itself.",
        cell=itself,
    ),
    Rule(
        id="T16",
        version=2,
        category=Stride.TAMPERING,
        kind=Kind.ENTRY_POINT,
        title="Business process steps skipped or repeated",
        explanation="A caller skips a step, such as payment, or repeats one, such as a refund.",
        applies=AllOf((TAKES_INPUT, it_is("deniable"), it_is("has_steps"))),
        controlled=AllOf((guarded("step_order_enforced"), guarded("step_repeats_refused"))),
        question="What happens if a step is skipped or repeated?",
        source=ThreatSource.CALLER,
        action="skip or repeat steps of the business process at {element}",
        impact=Impact.ACTIONS,
        controls=(
            Control(INTEGRITY, "Keep the state of the process on the server, and check it at each step"),
            Control(INTEGRITY, "Record each step that may happen only once, and refuse it the second time"),
        ),
        cwe=(841, 837),
        capec=(140,),
        asvs=("V2.3",),
        false_alarm=(
            "Each step may be taken alone, in any order and any number of times, without harm to anyone."
        ),
        cell=itself,
    ),
    Rule(
        id="T17",
        version=1,
        category=Stride.TAMPERING,
        kind=Kind.DATA_FLOW,
        title="Untrusted queue message not validated",
        explanation="A message is processed as trusted, although others can write to the queue.",
        applies=CONSUMES_MESSAGES,
        controlled=guarded("content_validated"),
        question="Does the consumer trust the content of the queue?",
        source=ThreatSource.SENDER,
        action="make the consumer process crafted messages through {element}",
        controls=(
            Control(AUTHENTICATION, "Sign messages, and verify them in the consumer"),
            Control(INTEGRITY, "Validate each message against a schema"),
            Control(AUTHORIZATION, "Let only known producers write to the queue"),
        ),
        cwe=(345, 1286),
        capec=(153,),
        asvs=("V2.2",),
        false_alarm=(
            "The consumer uses no content of the message: it only triggers work on data that it reads itself."
        ),
        cell=itself,
    ),
    Rule(
        id="T18",
        version=1,
        category=Stride.TAMPERING,
        kind=Kind.COMPONENT,
        title="Adversarial input to a machine-learning model",
        explanation="Slightly manipulated input makes the model decide in the attacker's favor.",
        applies=USES_MODEL,
        controlled=guarded("adversarial_input_detected"),
        question="Can someone try until the model decides as desired?",
        source=ThreatSource.CALLER,
        action="deceive the model of {element} by manipulated input",
        impact=Impact.DECISIONS,
        controls=(
            Control(INTEGRITY, "Detect anomalous input, and limit attempts"),
            Control(INTEGRITY, "Train and test the model with adversarial examples"),
        ),
        cwe=(1039,),
        false_alarm="No one gains anything from a wrong result, such as when users sort their own photos.",
        cell=itself,
    ),
    Rule(
        id="T19",
        version=1,
        category=Stride.TAMPERING,
        kind=Kind.COMPONENT,
        title="Unsafe use of model output",
        explanation="Output of the model reaches a browser, query or command as if it were trusted.",
        applies=USES_MODEL,
        controlled=guarded("model_output_validated"),
        question="Where does the model's output go?",
        source=ThreatSource.CALLER,
        action="inject content through the model's output in {element}",
        impact=Impact.DISCLOSURE_OR_CHANGES,
        controls=(
            Control(INTEGRITY, "Treat model output as untrusted input: validate and encode it"),
            Control(INTEGRITY, "Let the model return structured data, and check it"),
            Control(CONFIDENTIALITY, "Render no links or images that the model wrote"),
        ),
        cwe=(1426,),
        asvs=("V1.3",),
        false_alarm=(
            "The output is only shown as plain text, in which links are not active, and no program reads it."
        ),
        cell=itself,
    ),
)
