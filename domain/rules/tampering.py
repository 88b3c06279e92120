"""Rules for tampering."""

from domain.kernel.elements import Kind
from domain.kernel.threat import Stride
from domain.rules import asset_predicates, component_predicates, dependency_predicates
from domain.rules.asset_predicates import holder
from domain.rules.conditions import AllOf, AnyAmong, AnyOf, guarded, it_is, itself
from domain.rules.entry_point_predicates import TAKES_INPUT
from domain.rules.flow_predicates import (
    CARRIES_CODE_OR_INTEGRITY_CRITICAL,
    CROSSES_BY_SOFTWARE,
    INTEGRITY_PROTECTED,
)
from domain.rules.input_predicates import CONSUMES_MESSAGES, INPUT, RUNS_NO_SUBMITTED_CODE, SEARCH_NEARBY
from domain.rules.rule import (
    AUTHENTICATION,
    AUTHORIZATION,
    CONFIDENTIALITY,
    INTEGRITY,
    Control,
    Impact,
    Rule,
    ThreatSource,
)
from domain.rules.zone_predicates import INTEGRITY_WITHIN_ZONE

KEEPS_INTEGRITY_CRITICAL = AnyAmong(
    among=component_predicates.stored_assets, part=asset_predicates.INTEGRITY_CRITICAL
)


USES_MODEL = AllOf(
    (component_predicates.SOFTWARE_PROCESS, AnyOf((it_is("uses_model"), it_is("led_by_model"))))
)


HANDLES_VALUABLE = AnyAmong(among=component_predicates.handled_assets, part=asset_predicates.VALUABLE)


RULES = (
    Rule(
        id="T01",
        version=1,
        category=Stride.TAMPERING,
        kind=Kind.ENTRY_POINT,
        also=(Kind.DATA_FLOW,),
        title="Injection into database queries",
        explanation="Crafted input changes a database query and can read or modify all of its data.",
        applies=AllOf((INPUT, it_is("reaches_query"))),
        controlled=guarded("queries_parameterized"),
        question="Is input bound as a parameter, or concatenated?",
        source=ThreatSource.CALLER,
        action="inject database commands through {element}",
        impact=Impact.DISCLOSURE_OR_CHANGES,
        controls=(
            Control(INTEGRITY, "Parameterize all queries"),
            Control(AUTHORIZATION, "Give the database account least privilege"),
        ),
        cwe=(89,),
        capec=(66,),
        asvs=("V1.2",),
        false_alarm="Only values from a fixed list in the program reach the query, never the input itself.",
        cell=itself,
    ),
    Rule(
        id="T02",
        version=2,
        category=Stride.TAMPERING,
        kind=Kind.ENTRY_POINT,
        also=(Kind.DATA_FLOW,),
        title="Cross-site scripting (XSS)",
        explanation="Attacker-supplied script runs in a user's browser with that user's rights.",
        applies=AllOf((INPUT, it_is("shown_in_pages"))),
        controlled=guarded("output_encoded"),
        question="Where is output encoded?",
        source=ThreatSource.CALLER,
        action="run scripts in other users' browsers through {element}",
        impact=Impact.DISCLOSURE_OR_CHANGES,
        controls=(
            Control(INTEGRITY, "Encode output for its context"),
            Control(INTEGRITY, "Restrict scripts with a Content-Security-Policy"),
        ),
        cwe=(79,),
        capec=(63, 592),
        asvs=("V1.2", "V3.4"),
        false_alarm=(
            "Every response that contains it is sent as text/plain with nosniff, so that no browser "
            "renders it."
        ),
        cell=itself,
    ),
    Rule(
        id="T03",
        version=2,
        category=Stride.TAMPERING,
        kind=Kind.ENTRY_POINT,
        title="Unrestricted file upload",
        explanation="An uploaded file can be a program that runs on the server or another user's device.",
        applies=AllOf((TAKES_INPUT, it_is("takes_files"))),
        controlled=AllOf((guarded("uploads_never_run"), guarded("upload_types_limited"))),
        question="Which types and sizes are accepted, who scans them, and where are they stored?",
        source=ThreatSource.CALLER,
        action="upload files to {element} that are executed",
        impact=Impact.DISCLOSURE_OR_CHANGES,
        controls=(
            Control(
                INTEGRITY,
                "Store uploads where nothing is executed, under names that the server generates",
                fact="uploads_never_run",
            ),
            Control(
                INTEGRITY,
                "Accept only allow-listed types, and check the content",
                fact="upload_types_limited",
            ),
            Control(INTEGRITY, "Serve uploads from a separate domain, as downloads"),
            Control(INTEGRITY, "Scan uploads for malware"),
        ),
        cwe=(434,),
        capec=(17,),
        asvs=("V5.2", "V5.3", "V5.4"),
        false_alarm=(
            "Uploads are kept as opaque bytes: nothing runs, opens or serves them, not even to their "
            "uploader."
        ),
        cell=itself,
    ),
    Rule(
        id="T04",
        version=1,
        category=Stride.TAMPERING,
        kind=Kind.ENTRY_POINT,
        also=(Kind.DATA_FLOW,),
        title="XML external entities (XXE)",
        explanation="Crafted XML can read local files, call internal addresses, or exhaust memory.",
        applies=AllOf((INPUT, it_is("takes_xml"))),
        controlled=guarded("dtds_disabled"),
        question="Are DTDs disabled in the XML parser?",
        source=ThreatSource.CALLER,
        action="make the XML parser of {element} load external entities",
        impact=Impact.DISCLOSURE,
        controls=(Control(INTEGRITY, "Disable DTDs and external entities in the parser"),),
        cwe=(611,),
        capec=(221,),
        asvs=("V1.5",),
        false_alarm="The parser cannot process DTDs or entities at all, whatever its settings.",
        cell=itself,
    ),
    Rule(
        id="T05",
        version=1,
        category=Stride.TAMPERING,
        kind=Kind.ENTRY_POINT,
        also=(Kind.DATA_FLOW,),
        title="Insecure deserialization",
        explanation="Restoring a crafted object runs code that the sender has chosen.",
        applies=AllOf((INPUT, it_is("takes_objects"))),
        controlled=guarded("data_only"),
        question="Can input choose the class to deserialize?",
        source=ThreatSource.CALLER,
        action="run code through serialized objects sent to {element}",
        impact=Impact.DISCLOSURE_OR_CHANGES,
        controls=(
            Control(INTEGRITY, "Use a data-only format such as JSON"),
            Control(INTEGRITY, "Sign serialized data, and verify it before reading"),
        ),
        cwe=(502,),
        capec=(586,),
        asvs=("V1.5",),
        false_alarm=(
            "A signature that only this system can make is verified before anything is read from the data."
        ),
        cell=itself,
    ),
    Rule(
        id="T06",
        version=1,
        category=Stride.TAMPERING,
        kind=Kind.ENTRY_POINT,
        also=(Kind.DATA_FLOW,),
        title="Command or template injection",
        explanation="Crafted input is executed as a command, a template or code.",
        applies=AllOf((INPUT, it_is("reaches_interpreter"), RUNS_NO_SUBMITTED_CODE)),
        controlled=guarded("interpreter_input_restricted"),
        question="Why does input have to reach an interpreter?",
        source=ThreatSource.CALLER,
        action="run commands or templates through {element}",
        impact=Impact.DISCLOSURE_OR_CHANGES,
        controls=(
            Control(INTEGRITY, "Call a library instead of a shell"),
            Control(INTEGRITY, "Pass only allow-listed values"),
        ),
        cwe=(78, 94, 1336),
        capec=(242, 248),
        asvs=("V1.2", "V1.3"),
        false_alarm="What is executed is only chosen by the input, from programs that this team wrote.",
        cell=itself,
    ),
    Rule(
        id="T07",
        version=2,
        category=Stride.TAMPERING,
        kind=Kind.DATA_FLOW,
        title="No integrity protection in transit",
        explanation="Someone on the network can change the data on its way without being noticed.",
        applies=AnyOf(
            (AllOf((CROSSES_BY_SOFTWARE, CARRIES_CODE_OR_INTEGRITY_CRITICAL)), INTEGRITY_WITHIN_ZONE)
        ),
        controlled=INTEGRITY_PROTECTED,
        question="How would a change in transit be detected?",
        source=ThreatSource.NETWORK,
        action="change the data of {element} in transit",
        controls=(Control(INTEGRITY, "Use TLS, a MAC or a signature"),),
        cwe=(924,),
        capec=(216,),
        asvs=("V12.2", "V12.3"),
        false_alarm="Both ends run on one machine and are connected by a socket that only they can open.",
        cell=itself,
    ),
    Rule(
        id="T08",
        version=2,
        category=Stride.TAMPERING,
        kind=Kind.ASSET,
        title="Overly broad write access",
        explanation="More people or services than necessary can change the data.",
        applies=AllOf((asset_predicates.STORED_BY_SOFTWARE, asset_predicates.INTEGRITY_CRITICAL)),
        controlled=AnyOf(
            (
                asset_predicates.NO_LESS_TRUSTED_WRITER,
                asset_predicates.IS_STORED_LOG,
                guarded("write_access_limited"),
            )
        ),
        question="Who really needs write access?",
        source=ThreatSource.INSIDER,
        action="change {element} without a need to",
        controls=(Control(AUTHORIZATION, "Limit write access to those who need it"),),
        cwe=(732,),
        capec=(122,),
        asvs=("V8.2",),
        false_alarm=(
            "Each change takes effect only after someone who may make it has approved exactly this change."
        ),
        cell=holder,
    ),
    Rule(
        id="T09",
        version=2,
        category=Stride.TAMPERING,
        kind=Kind.EXTERNAL_DEPENDENCY,
        title="Unverified third-party code (supply chain)",
        explanation="If the source of the code is taken over, an attacker's code runs in the system.",
        applies=dependency_predicates.SHIPS_CODE,
        controlled=AllOf((guarded("version_pinned"), guarded("code_integrity_verified"))),
        question="What happens if its source is hijacked?",
        source=ThreatSource.SUPPLIER,
        action="run code inside the system through {element}",
        impact=Impact.DISCLOSURE_OR_CHANGES,
        controls=(
            Control(INTEGRITY, "Pin versions", fact="version_pinned"),
            Control(INTEGRITY, "Verify hashes or signatures of the code", fact="code_integrity_verified"),
            Control(INTEGRITY, "Review changes before an update"),
        ),
        cwe=(829,),
        capec=(538,),
        asvs=("V3.6", "V15.2"),
        false_alarm=(
            "The code comes from this organization's own reviewed repository, and its own pipeline builds it."
        ),
        cell=itself,
    ),
    Rule(
        id="T10",
        version=1,
        category=Stride.TAMPERING,
        kind=Kind.ENTRY_POINT,
        title="Client-side enforcement of server-side checks",
        explanation="A modified client can send any price, amount or limit, and the server accepts it.",
        applies=AllOf((TAKES_INPUT, it_is("caller_sends_values"))),
        controlled=guarded("caller_values_checked"),
        question="What happens if the client is modified?",
        source=ThreatSource.CALLER,
        action="send manipulated prices, amounts or limits to {element}",
        controls=(Control(INTEGRITY, "Compute prices and limits on the server"),),
        cwe=(602,),
        capec=(22,),
        asvs=("V2.2",),
        false_alarm="No decision, price or payment depends on a value that the caller sends.",
        cell=itself,
    ),
    Rule(
        id="T11",
        version=2,
        category=Stride.TAMPERING,
        kind=Kind.COMPONENT,
        title="Race condition on shared data",
        explanation="Of two concurrent changes one is lost, or the same money is spent twice.",
        applies=AllOf((component_predicates.SOFTWARE_STORE, component_predicates.HAS_CONCURRENT_WRITERS)),
        controlled=AnyOf((component_predicates.STORES_ONLY_LOGS, guarded("conflicts_detected"))),
        question="Which of two concurrent changes takes effect?",
        source=ThreatSource.CALLER,
        action="make concurrent changes to {element} that overwrite each other",
        impact=Impact.CORRUPTION,
        controls=(Control(INTEGRITY, "Use transactions or optimistic locking"),),
        cwe=(362,),
        capec=(26, 29),
        asvs=("V2.3", "V15.4"),
        false_alarm="Each record has exactly one writer, which makes one change after another.",
        cell=itself,
    ),
    Rule(
        id="T12",
        version=1,
        category=Stride.TAMPERING,
        kind=Kind.COMPONENT,
        title="Unauthorized configuration changes",
        explanation="Someone who can change the configuration can change what the program does.",
        applies=component_predicates.SOFTWARE_PROCESS,
        controlled=guarded("settings_guarded"),
        question="Who can change its configuration?",
        source=ThreatSource.INSIDER,
        action="change the configuration of {element}",
        controls=(
            Control(AUTHORIZATION, "Restrict configuration to operators"),
            Control(INTEGRITY, "Review and sign configuration changes"),
        ),
        cwe=(15,),
        capec=(176,),
        asvs=("V8.2",),
        false_alarm=(
            "What others can change are only their own preferences, without effect on other users or on"
            " security."
        ),
        cell=itself,
    ),
    Rule(
        id="T13",
        version=1,
        category=Stride.TAMPERING,
        kind=Kind.COMPONENT,
        title="Undetected tampering with stored data",
        explanation="Data changed directly in the store, bypassing the application, is accepted as valid.",
        applies=AllOf((component_predicates.SOFTWARE_STORE, KEEPS_INTEGRITY_CRITICAL)),
        controlled=AnyOf((component_predicates.STORES_ONLY_LOGS, guarded("tampering_detected"))),
        question="How would a change in the store be detected?",
        source=ThreatSource.INSIDER,
        action="change data in {element} without being noticed",
        controls=(
            Control(
                INTEGRITY, "Protect records by a MAC, a signature or a hash chain anchored outside the store"
            ),
            Control(INTEGRITY, "Compare the data regularly with an independent source"),
        ),
        cwe=(353,),
        asvs=("V11.3", "V14.2"),
        false_alarm="Each use compares the data with a protected original, or rebuilds it from there.",
        cell=itself,
    ),
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
            Control(
                INTEGRITY,
                "Keep the state of the process on the server, and check it at each step",
                fact="step_order_enforced",
            ),
            Control(
                INTEGRITY,
                "Record each step that may happen only once, and refuse it the second time",
                fact="step_repeats_refused",
            ),
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
        atlas=("AML.T0015", "AML.T0043"),
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
        atlas=("AML.T0077",),
        owasp_llm=("LLM05",),
        false_alarm=(
            "The output is only shown as plain text, in which links are not active, and no program reads it."
        ),
        cell=itself,
    ),
    Rule(
        id="T20",
        version=1,
        category=Stride.TAMPERING,
        kind=Kind.EXTERNAL_DEPENDENCY,
        title="Vulnerable third-party library or image",
        explanation="Published vulnerabilities of code in the system can be exploited until it is updated.",
        applies=dependency_predicates.SHIPS_CODE,
        controlled=guarded("patched_in_time"),
        question="How soon are published vulnerabilities patched?",
        source=ThreatSource.CALLER,
        action="exploit a published vulnerability of {element}",
        impact=Impact.DISCLOSURE_OR_CHANGES,
        controls=(
            Control(INTEGRITY, "Scan dependencies, and update them within a fixed time"),
            Control(INTEGRITY, "Keep an inventory of components (SBOM)"),
        ),
        cwe=(1395,),
        asvs=("V15.1", "V15.2"),
        false_alarm=(
            "For each published vulnerability, it is verified and recorded that no input reaches the "
            "affected code."
        ),
        cell=itself,
    ),
    Rule(
        id="T21",
        version=2,
        category=Stride.TAMPERING,
        kind=Kind.COMPONENT,
        title="Unreviewed or tampered build",
        explanation="Code that no one has reviewed, or that was changed after review, runs in production.",
        applies=AnyOf(
            (
                component_predicates.KEEPS_SOURCE,
                AllOf(
                    (
                        component_predicates.SOFTWARE_PROCESS,
                        component_predicates.BUILT_BY_THE_TEAM,
                        HANDLES_VALUABLE,
                    )
                ),
            )
        ),
        controlled=AllOf(
            (
                AnyOf((component_predicates.REVIEWED_ELSEWHERE, guarded("changes_reviewed"))),
                AnyOf((component_predicates.KEEPS_SOURCE, guarded("only_pipeline_builds"))),
            )
        ),
        question="Can one person bring code into production alone?",
        source=ThreatSource.INSIDER,
        action="bring unreviewed or tampered code into {element}",
        impact=Impact.DISCLOSURE_OR_CHANGES,
        controls=(
            Control(AUTHORIZATION, "Require review of each change", fact="changes_reviewed"),
            Control(
                INTEGRITY,
                "Sign builds, and deploy only signed builds from the pipeline",
                fact="only_pipeline_builds",
            ),
        ),
        cwe=(494,),
        capec=(184, 444),
        asvs=("V15.2",),
        false_alarm=(
            "This organization neither builds nor deploys it: its provider operates it as a service."
        ),
        cell=itself,
    ),
)
