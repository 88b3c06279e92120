"""The weaknesses that rules refer to, by number in MITRE's Common Weakness Enumeration (CWE)."""

from collections.abc import Mapping
from types import MappingProxyType

WEAKNESSES: Mapping[int, str] = MappingProxyType(
    {
        15: "External Control of System or Configuration Setting",
        22: "Improper Limitation of a Pathname to a Restricted Directory ('Path Traversal')",
        78: "Improper Neutralization of Special Elements used in an OS Command ('OS Command Injection')",
        79: "Improper Neutralization of Input During Web Page Generation ('Cross-site Scripting')",
        89: "Improper Neutralization of Special Elements used in an SQL Command ('SQL Injection')",
        90: "Improper Neutralization of Special Elements used in an LDAP Query ('LDAP Injection')",
        94: "Improper Control of Generation of Code ('Code Injection')",
        117: "Improper Output Neutralization for Logs",
        201: "Insertion of Sensitive Information Into Sent Data",
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
        352: "Cross-Site Request Forgery (CSRF)",
        353: "Missing Support for Integrity Check",
        359: "Exposure of Private Personal Information to an Unauthorized Actor",
        362: "Concurrent Execution using Shared Resource with Improper Synchronization ('Race Condition')",
        400: "Uncontrolled Resource Consumption",
        405: "Asymmetric Resource Consumption (Amplification)",
        434: "Unrestricted Upload of File with Dangerous Type",
        441: "Unintended Proxy or Intermediary ('Confused Deputy')",
        459: "Incomplete Cleanup",
        494: "Download of Code Without Integrity Check",
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
        638: "Not Using Complete Mediation",
        639: "Authorization Bypass Through User-Controlled Key",
        640: "Weak Password Recovery Mechanism for Forgotten Password",
        645: "Overly Restrictive Account Lockout Mechanism",
        653: "Improper Isolation or Compartmentalization",
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
        923: "Improper Restriction of Communication Channel to Intended Endpoints",
        924: "Improper Enforcement of Message Integrity During Transmission in a Communication Channel",
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


def weakness_text(number: int) -> str:
    """Format a weakness as its number and name; imported files may hold numbers without a known name."""
    return f"CWE-{number} {WEAKNESSES[number]}" if number in WEAKNESSES else f"CWE-{number}"
