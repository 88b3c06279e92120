"""Facts about assets."""

from domain.facts.fact import facts_about
from domain.kernel.elements import Kind

_asset = facts_about(Kind.ASSET)

FACTS = (
    _asset(
        "confidential",
        "Would its disclosure have a severe impact?",
        "its disclosure would have a severe impact",
        why="Confidential data needs protection wherever it is stored or sent.",
    ),
    _asset(
        "integrity_critical",
        "Would unauthorized changes to it have a severe impact?",
        "unauthorized changes to it would have a severe impact",
    ),
    _asset(
        "availability_critical",
        "Would its loss have a severe impact?",
        "its loss would have a severe impact",
    ),
    _asset("personal", "Is it personal data (names, addresses, habits)?", "it is personal data"),
    _asset(
        "credential",
        "Is it a credential (password, key or token)?",
        "it is a credential",
        why="Anyone who holds a credential can impersonate its owner.",
    ),
    _asset.control(
        "individual_credential",
        "Does each holder have its own credential (user, service)?",
        "each user and service has its own credential",
        "the credential is shared",
        several="the credentials are shared",
    ),
    _asset.control(
        "vaulted",
        "Is it stored nowhere in plain text (vault, or hash for passwords)?",
        "it is kept in a vault or hashed",
        "it is kept in plain text",
        several="they are kept in plain text",
    ),
    _asset.control(
        "out_of_code",
        "Is it provided only at run time (not in code, image, configuration)?",
        "it is kept out of code, images and configuration files",
        "it is kept in code, images or configuration files",
        several="they are kept in code, images or configuration files",
    ),
    _asset.control(
        "unguessable",
        "Is guessing it infeasible (length, randomness)?",
        "it is long and random enough not to be guessed",
        "it is too short or predictable",
        several="they are too short or predictable",
    ),
    _asset.control(
        "lifetime_limited",
        "Is its lifetime limited (expiration, rotation)?",
        "its lifetime is limited",
        several="their lifetime is not limited",
    ),
    _asset.control(
        "revoked_when_unneeded",
        "Is it revoked when its holder no longer needs it?",
        "it is revoked when its holder no longer needs it",
        several="they are not revoked when their holders no longer need them",
    ),
    _asset.control(
        "write_access_limited",
        "Is write access limited to those who need it?",
        "write access is limited to those who need it",
    ),
    _asset.control(
        "read_access_limited",
        "Is read access limited to those who need it?",
        "read access is limited to those who need it",
    ),
    _asset.control(
        "retention_limited",
        "Is it deleted when it is no longer needed?",
        "it is deleted when it is no longer needed",
        several="they are not deleted when they are no longer needed",
    ),
    _asset.control(
        "pseudonymized",
        "Is it pseudonymized where names are not needed (analytics, logs)?",
        "it is pseudonymized where names are not needed",
        several="they are not pseudonymized where names are not needed",
    ),
    _asset.control(
        "collection_minimized",
        "Is only what its purpose needs collected?",
        "only what its purpose needs is collected",
        "more than its purpose needs is collected",
        several="more than their purpose needs is collected",
    ),
    _asset.control(
        "people_informed",
        "Do the people whom it is about know what it is used for?",
        "the people whom it is about know what it is used for",
        "the people whom it is about do not know what it is used for",
        several="the people whom they are about do not know what they are used for",
    ),
    _asset.control(
        "erased_on_request",
        "Is it erased everywhere on request (also in copies)?",
        "it is erased everywhere on request",
        several="they are not erased everywhere on request",
    ),
    _asset.control(
        "backed_up",
        "Is there a backup (a replica alone is none)?",
        "there is a backup",
        "there is no backup",
    ),
    _asset.control("restore_tested", "Has the restore been tested?", "the restore has been tested"),
    _asset.control(
        "immutable_or_offline",
        "Is a backup out of reach of ransomware (immutable, offline)?",
        "a backup is immutable or offline",
        "no backup is immutable or offline",
    ),
    _asset(
        "value_increased",
        "Has its value increased since the risk was accepted?",
        "its value has increased since the risk was accepted",
    ),
)
