"""The published lists that rules refer to: CWE and ATLAS of MITRE, ASVS and the LLM Top 10 of OWASP."""

from collections.abc import Mapping
from types import MappingProxyType

ASVS_VERSION = "5.0.0"
"""The version of the standard; section numbers differ between versions."""

ASVS_SECTIONS: Mapping[str, str] = MappingProxyType(
    {
        "V1.2": "Injection Prevention",
        "V1.3": "Sanitization",
        "V1.5": "Safe Deserialization",
        "V2.2": "Input Validation",
        "V2.3": "Business Logic Security",
        "V2.4": "Anti-automation",
        "V3.2": "Unintended Content Interpretation",
        "V3.3": "Cookie Setup",
        "V3.4": "Browser Security Mechanism Headers",
        "V3.5": "Browser Origin Separation",
        "V3.6": "External Resource Integrity",
        "V4.1": "Generic Web Service Security",
        "V4.4": "WebSocket",
        "V5.2": "File Upload and Content",
        "V5.3": "File Storage",
        "V5.4": "File Download",
        "V6.1": "Authentication Documentation",
        "V6.2": "Password Security",
        "V6.3": "General Authentication Security",
        "V6.4": "Authentication Factor Lifecycle and Recovery",
        "V7.3": "Session Timeout",
        "V7.4": "Session Termination",
        "V8.2": "General Authorization Design",
        "V8.3": "Operation Level Authorization",
        "V8.4": "Other Authorization Considerations",
        "V9.1": "Token source and integrity",
        "V9.2": "Token content",
        "V10.3": "OAuth Resource Server",
        "V10.4": "OAuth Authorization Server",
        "V11.1": "Cryptographic Inventory and Documentation",
        "V11.2": "Secure Cryptography Implementation",
        "V11.3": "Encryption Algorithms",
        "V11.4": "Hashing and Hash-based Functions",
        "V11.5": "Random Values",
        "V12.1": "General TLS Security Guidance",
        "V12.2": "HTTPS Communication with External Facing Services",
        "V12.3": "General Service to Service Communication Security",
        "V13.2": "Backend Communication Configuration",
        "V13.3": "Secret Management",
        "V13.4": "Unintended Information Leakage",
        "V14.2": "General Data Protection",
        "V14.3": "Client-side Data Protection",
        "V15.1": "Secure Coding and Architecture Documentation",
        "V15.2": "Security Architecture and Dependencies",
        "V15.3": "Defensive Coding",
        "V15.4": "Safe Concurrency",
        "V16.2": "General Logging",
        "V16.3": "Security Events",
        "V16.4": "Log Protection",
        "V16.5": "Error Handling",
    }
)
"""Their names as OWASP gives them."""


ASVS_CHAPTERS: Mapping[str, str] = MappingProxyType(
    {
        "V1": "Encoding and Sanitization",
        "V2": "Validation and Business Logic",
        "V3": "Web Frontend Security",
        "V4": "API and Web Service",
        "V5": "File Handling",
        "V6": "Authentication",
        "V7": "Session Management",
        "V8": "Authorization",
        "V9": "Self-contained Tokens",
        "V10": "OAuth and OIDC",
        "V11": "Cryptography",
        "V12": "Secure Communication",
        "V13": "Configuration",
        "V14": "Data Protection",
        "V15": "Secure Coding and Architecture",
        "V16": "Security Logging and Error Handling",
        "V17": "WebRTC",
    }
)
"""All chapters of the standard; rules refer to sections of all but the last."""


def chapter_of(section: str) -> str:
    """Return the number of a section's chapter: `V3` of `V3.5`."""
    return section.partition(".")[0]


def chapter_words(chapter: str) -> str:
    """Format a chapter as its number and name, such as `V3 Web Frontend Security`."""
    return f"{chapter} {ASVS_CHAPTERS[chapter]}"


def section_words(section: str) -> str:
    """Format a section as its number and name, such as `V3.5 Browser Origin Separation`."""
    return f"{section} {ASVS_SECTIONS[section]}"


def section_reference(section: str) -> str:
    """Return the reference that the standard recommends, such as `v5.0.0-3.5`."""
    return f"v{ASVS_VERSION}-{section.removeprefix('V')}"


WEAKNESSES: Mapping[int, str] = MappingProxyType(
    {
        15: "External Control of System or Configuration Setting",
        22: "Improper Limitation of a Pathname to a Restricted Directory ('Path Traversal')",
        59: "Improper Link Resolution Before File Access ('Link Following')",
        78: "Improper Neutralization of Special Elements used in an OS Command ('OS Command Injection')",
        79: "Improper Neutralization of Input During Web Page Generation ('Cross-site Scripting')",
        89: "Improper Neutralization of Special Elements used in an SQL Command ('SQL Injection')",
        90: "Improper Neutralization of Special Elements used in an LDAP Query ('LDAP Injection')",
        94: "Improper Control of Generation of Code ('Code Injection')",
        117: "Improper Output Neutralization for Logs",
        201: "Insertion of Sensitive Information Into Sent Data",
        204: "Observable Response Discrepancy",
        209: "Generation of Error Message Containing Sensitive Information",
        223: "Omission of Security-relevant Information",
        226: "Sensitive Information in Resource Not Removed Before Reuse",
        250: "Execution with Unnecessary Privileges",
        262: "Not Using Password Aging",
        290: "Authentication Bypass by Spoofing",
        294: "Authentication Bypass by Capture-replay",
        295: "Improper Certificate Validation",
        306: "Missing Authentication for Critical Function",
        307: "Improper Restriction of Excessive Authentication Attempts",
        308: "Use of Single-factor Authentication",
        311: "Missing Encryption of Sensitive Data",
        312: "Cleartext Storage of Sensitive Information",
        319: "Cleartext Transmission of Sensitive Information",
        322: "Key Exchange without Entity Authentication",
        324: "Use of a Key Past its Expiration Date",
        327: "Use of a Broken or Risky Cryptographic Algorithm",
        328: "Use of Weak Hash",
        334: "Small Space of Random Values",
        345: "Insufficient Verification of Data Authenticity",
        347: "Improper Verification of Cryptographic Signature",
        349: "Acceptance of Extraneous Untrusted Data With Trusted Data",
        352: "Cross-Site Request Forgery (CSRF)",
        353: "Missing Support for Integrity Check",
        359: "Exposure of Private Personal Information to an Unauthorized Actor",
        362: "Concurrent Execution using Shared Resource with Improper Synchronization ('Race Condition')",
        390: "Detection of Error Condition Without Action",
        400: "Uncontrolled Resource Consumption",
        405: "Asymmetric Resource Consumption (Amplification)",
        420: "Unprotected Alternate Channel",
        434: "Unrestricted Upload of File with Dangerous Type",
        441: "Unintended Proxy or Intermediary ('Confused Deputy')",
        459: "Incomplete Cleanup",
        494: "Download of Code Without Integrity Check",
        497: "Exposure of Sensitive System Information to an Unauthorized Control Sphere",
        502: "Deserialization of Untrusted Data",
        521: "Weak Password Requirements",
        522: "Insufficiently Protected Credentials",
        524: "Use of Cache Containing Sensitive Information",
        530: "Exposure of Backup File to an Unauthorized Control Sphere",
        532: "Insertion of Sensitive Information into Log File",
        552: "Files or Directories Accessible to External Parties",
        601: "URL Redirection to Untrusted Site ('Open Redirect')",
        602: "Client-Side Enforcement of Server-Side Security",
        611: "Improper Restriction of XML External Entity Reference",
        613: "Insufficient Session Expiration",
        636: "Not Failing Securely ('Failing Open')",
        638: "Not Using Complete Mediation",
        639: "Authorization Bypass Through User-Controlled Key",
        640: "Weak Password Recovery Mechanism for Forgotten Password",
        645: "Overly Restrictive Account Lockout Mechanism",
        653: "Improper Isolation or Compartmentalization",
        654: "Reliance on a Single Factor in a Security Decision",
        668: "Exposure of Resource to Wrong Sphere",
        672: "Operation on a Resource after Expiration or Release",
        732: "Incorrect Permission Assignment for Critical Resource",
        749: "Exposed Dangerous Method or Function",
        754: "Improper Check for Unusual or Exceptional Conditions",
        757: "Selection of Less-Secure Algorithm During Negotiation ('Algorithm Downgrade')",
        770: "Allocation of Resources Without Limits or Throttling",
        778: "Insufficient Logging",
        798: "Use of Hard-coded Credentials",
        829: "Inclusion of Functionality from Untrusted Control Sphere",
        835: "Loop with Unreachable Exit Condition ('Infinite Loop')",
        837: "Improper Enforcement of a Single, Unique Action",
        841: "Improper Enforcement of Behavioral Workflow",
        862: "Missing Authorization",
        863: "Incorrect Authorization",
        915: "Improperly Controlled Modification of Dynamically-Determined Object Attributes",
        918: "Server-Side Request Forgery (SSRF)",
        921: "Storage of Sensitive Data in a Mechanism without Access Control",
        923: "Improper Restriction of Communication Channel to Intended Endpoints",
        924: "Improper Enforcement of Message Integrity During Transmission in a Communication Channel",
        939: "Improper Authorization in Handler for Custom URL Scheme",
        940: "Improper Verification of Source of a Communication Channel",
        942: "Permissive Cross-domain Policy with Untrusted Domains",
        943: "Improper Neutralization of Special Elements in Data Query Logic",
        1021: "Improper Restriction of Rendered UI Layers or Frames",
        1039: (
            "Automated Recognition Mechanism with Inadequate Detection or Handling of Adversarial "
            "Input Perturbations"
        ),
        1088: "Synchronous Access of Remote Resource without Timeout",
        1188: "Initialization of a Resource with an Insecure Default",
        1220: "Insufficient Granularity of Access Control",
        1286: "Improper Validation of Syntactic Correctness of Input",
        1327: "Binding to an Unrestricted IP Address",
        1336: "Improper Neutralization of Special Elements Used in a Template Engine",
        1357: "Reliance on Insufficiently Trustworthy Component",
        1385: "Missing Origin Validation in WebSockets",
        1392: "Use of Default Credentials",
        1395: "Dependency on Vulnerable Third-Party Component",
        1426: "Improper Validation of Generative AI Output",
        1427: "Improper Neutralization of Input Used for LLM Prompting",
    }
)
"""Their names as MITRE gives them, each reviewed for the rules that refer to it.

A weakness that a rule referred to in an earlier release keeps its name, because threats of that time
still refer to it.
"""


ATLAS_VERSION = "5.6.0"
"""The version of MITRE ATLAS that the techniques are taken from."""

ATLAS_TECHNIQUES: Mapping[str, str] = MappingProxyType(
    {
        "AML.T0010.002": "Data",
        "AML.T0010.003": "Model",
        "AML.T0011.000": "Unsafe AI Artifacts",
        "AML.T0015": "Evade AI Model",
        "AML.T0018": "Manipulate AI Model",
        "AML.T0020": "Poison Training Data",
        "AML.T0024.000": "Infer Training Data Membership",
        "AML.T0024.001": "Invert AI Model",
        "AML.T0024.002": "Extract AI Model",
        "AML.T0029": "Denial of AI Service",
        "AML.T0031": "Erode AI Model Integrity",
        "AML.T0034": "Cost Harvesting",
        "AML.T0043": "Craft Adversarial Data",
        "AML.T0048.003": "User Harm",
        "AML.T0048.004": "AI Intellectual Property Theft",
        "AML.T0051": "LLM Prompt Injection",
        "AML.T0051.001": "Indirect",
        "AML.T0053": "AI Agent Tool Invocation",
        "AML.T0056": "Extract LLM System Prompt",
        "AML.T0057": "LLM Data Leakage",
        "AML.T0066": "Retrieval Content Crafting",
        "AML.T0068": "LLM Prompt Obfuscation",
        "AML.T0070": "RAG Poisoning",
        "AML.T0077": "LLM Response Rendering",
        "AML.T0085.000": "RAG Databases",
        "AML.T0086": "Exfiltration via AI Agent Tool Invocation",
    }
)
"""The techniques of MITRE ATLAS that rules refer to, of a subtechnique without its parent."""

OWASP_LLM_RISKS: Mapping[str, str] = MappingProxyType(
    {
        "LLM01": "Prompt Injection",
        "LLM02": "Sensitive Information Disclosure",
        "LLM03": "Supply Chain",
        "LLM04": "Data and Model Poisoning",
        "LLM05": "Improper Output Handling",
        "LLM06": "Excessive Agency",
        "LLM07": "System Prompt Leakage",
        "LLM08": "Vector and Embedding Weaknesses",
        "LLM09": "Misinformation",
        "LLM10": "Unbounded Consumption",
    }
)
"""The OWASP Top 10 for LLM Applications 2025."""


def weakness_text(number: int) -> str:
    """Format a weakness as its number and name; imported files may hold numbers without a known name."""
    return f"CWE-{number} {WEAKNESSES[number]}" if number in WEAKNESSES else f"CWE-{number}"
