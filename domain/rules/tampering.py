"""Rules for tampering."""

from domain.kernel.elements import Kind
from domain.kernel.stride import Stride
from domain.rules import asset_predicates, component_predicates, dependency_predicates
from domain.rules.asset_predicates import holder
from domain.rules.conditions import AllOf, AnyAmong, AnyOf, guarded, it_is, itself
from domain.rules.entry_point_predicates import TAKES_INPUT
from domain.rules.flow_predicates import (
    CARRIES_INTEGRITY_CRITICAL,
    CROSSES_BY_SOFTWARE,
    INTEGRITY_PROTECTED,
)
from domain.rules.impacts import Impact
from domain.rules.input_predicates import INPUT
from domain.rules.rule import AUTHORIZATION, INTEGRITY, Control, Rule
from domain.rules.threat_sources import ThreatSource
from domain.rules.zone_predicates import INTEGRITY_WITHIN_ZONE

KEEPS_INTEGRITY_CRITICAL = AnyAmong(
    among=component_predicates.stored_assets, part=asset_predicates.INTEGRITY_CRITICAL
)

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
                INTEGRITY, "Store uploads where nothing is executed, under names that the server generates"
            ),
            Control(INTEGRITY, "Accept only allow-listed types, and check the content"),
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
        explanation="Crafted input is executed as a command, a template or code on the server.",
        applies=AllOf((INPUT, it_is("reaches_interpreter"))),
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
        false_alarm=(
            "Running the sender's code is the purpose, in a sandbox without secrets, data or network of"
            " others."
        ),
        cell=itself,
    ),
    Rule(
        id="T07",
        version=2,
        category=Stride.TAMPERING,
        kind=Kind.DATA_FLOW,
        title="No integrity protection in transit",
        explanation="Someone on the network can change the data on its way without being noticed.",
        applies=AnyOf((AllOf((CROSSES_BY_SOFTWARE, CARRIES_INTEGRITY_CRITICAL)), INTEGRITY_WITHIN_ZONE)),
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
        applies=AllOf((dependency_predicates.SOFTWARE, it_is("ships_code"))),
        controlled=AllOf((guarded("version_pinned"), guarded("code_integrity_verified"))),
        question="What happens if its source is hijacked?",
        source=ThreatSource.SUPPLIER,
        action="run code inside the system through {element}",
        impact=Impact.DISCLOSURE_OR_CHANGES,
        controls=(
            Control(INTEGRITY, "Pin versions by hash, and verify signatures"),
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
)
