"""The sections of OWASP ASVS 5.0.0 (Application Security Verification Standard) that rules refer to."""

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
        "V3.3": "Cookie Setup",
        "V3.4": "Browser Security Mechanism Headers",
        "V3.5": "Browser Origin Separation",
        "V3.6": "External Resource Integrity",
        "V4.1": "Generic Web Service Security",
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
