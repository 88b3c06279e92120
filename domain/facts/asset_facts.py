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
        "delicate",
        "Would unauthorized changes to it have a severe impact?",
        "unauthorized changes to it would have a severe impact",
    ),
    _asset(
        "irreplaceable",
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
    _asset(
        "one_holder",
        "Does each user and service have its own credential?",
        "each user and service has its own credential",
        "the credential is shared",
        several="the credentials are shared",
    ),
    _asset(
        "vaulted",
        "Is it kept in a vault or hashed, never in plain text?",
        "it is kept in a vault or hashed",
        "it is kept in plain text",
        several="they are kept in plain text",
    ),
    _asset(
        "out_of_code",
        "Is it kept out of code, images and configuration files?",
        "it is kept out of code, images and configuration files",
        "it is kept in code, images or configuration files",
        several="they are kept in code, images or configuration files",
    ),
    _asset(
        "unguessable",
        "Is it long and random enough not to be guessed?",
        "it is long and random enough not to be guessed",
        "it is too short or predictable",
        several="they are too short or predictable",
    ),
    _asset(
        "expires",
        "Does it expire, or is it rotated and revoked in time?",
        "it expires, or is rotated and revoked in time",
        "it does not expire and is not rotated",
        several="they do not expire and are not rotated",
    ),
    _asset(
        "writers_few",
        "Is write access limited to those who need it?",
        "write access is limited to those who need it",
        "write access is not limited to those who need it",
    ),
    _asset(
        "readers_few",
        "Is read access limited to those who need it?",
        "read access is limited to those who need it",
        "read access is not limited to those who need it",
    ),
    _asset(
        "retention_limited",
        "Is it deleted when it is no longer needed?",
        "it is deleted when it is no longer needed",
        "it is not deleted when it is no longer needed",
        several="they are not deleted when they are no longer needed",
    ),
    _asset(
        "spare",
        "Is there a backup or a redundant copy?",
        "there is a backup or a redundant copy",
        "there is no backup or redundant copy",
    ),
    _asset(
        "restore_tried",
        "Has the restore been tested?",
        "the restore has been tested",
        "the restore has not been tested",
    ),
    _asset(
        "immutable_or_offline",
        "Is a backup immutable or offline (safe from ransomware)?",
        "a backup is immutable or offline",
        "no backup is immutable or offline",
    ),
    _asset(
        "grown_dear",
        "Has its value increased since the risk was accepted?",
        "its value has increased since the risk was accepted",
    ),
)
