"""Terms of other tools for kinds of components and categories of threats."""

from collections import Counter

import pytest

from bot.formats.importers import stride_mapping
from bot.formats.importers.stride_mapping import categories_in, cwe_numbers, stride_categories
from bot.formats.importers.untrusted_document import ImportNotes
from domain.built_in_catalog import BUILT_IN
from domain.kernel.component_vocabulary import STORE_PRODUCTS, is_store_name, kind_of_type
from domain.kernel.elements import ComponentKind
from domain.kernel.stride import Stride
from tests.for_each import for_each

STORE, EXTERNAL = ComponentKind.DATA_STORE, ComponentKind.EXTERNAL_ENTITY
PRODUCTS = [word for words in STORE_PRODUCTS.values() for word in words]


@for_each("word", PRODUCTS)
def test_every_product_of_the_table_is_a_store_in_types_and_in_names(word: str) -> None:
    for spelled in (word, word.upper(), f"aws-{word.replace(' ', '-')}", f"CD-V2-{word.replace(' ', '_')}-A"):
        assert kind_of_type(spelled) is STORE, spelled
        assert is_store_name(spelled), spelled
    assert is_store_name(f"Orders ({word.title()})")


def test_each_product_stands_in_the_table_once() -> None:
    assert [word for word, count in Counter(PRODUCTS).items() if count > 1] == []


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("rds", STORE),
        ("s3", STORE),
        ("dynamodb", STORE),
        ("redshift", STORE),
        ("cosmos", STORE),
        ("blob", STORE),
        ("bigquery", STORE),
        ("aws_s3_bucket", STORE),
        ("aws_db_instance", STORE),
        ("google_bigquery_dataset", STORE),
        ("azurerm_storage_account", STORE),
        ("CD-MICROSOFT-AZURE-DB-POSTGRESQL", STORE),
        ("AzureCosmosDbAccount", STORE),
        ("azure-storage", STORE),
        ("TimescaleDB", STORE),
        ("nosql", STORE),
        ("mysql database", STORE),
        ("message-queue", STORE),
        ("ElastiCache", STORE),
        ("web-client", EXTERNAL),
        ("android-device-client", EXTERNAL),
        ("database-client", EXTERNAL),
        ("S3 browser", EXTERNAL),
        ("external-user-portal", EXTERNAL),
        ("web-service", None),
        ("profile-service", None),
        ("lambda", None),
        ("", None),
    ],
)
def test_the_kind_of_a_component_is_told_from_the_word_for_its_type(
    word: str, kind: ComponentKind | None
) -> None:
    assert kind_of_type(word) is kind


@pytest.mark.parametrize(
    "name", ["Shop", "Login", "Rds3 gateway?", "Blobby", "Restore", "Vaulting horse", "Microservices"]
)
def test_a_name_that_only_begins_like_a_product_is_no_store(name: str) -> None:
    assert not is_store_name(name)


@pytest.mark.parametrize("category", Stride)
def test_a_category_is_understood_in_every_case_and_with_every_gap(category: Stride) -> None:
    words = category.label
    spelled = [
        *(words, words.upper(), words.title(), words.replace(" ", "_"), words.replace(" ", "-")),
        *(category.value, category.value.lower(), category.name, f"STRIDE: {words}", f"{words}."),
    ]
    assert [categories_in(one) for one in spelled] == [[category]] * len(spelled)


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        ("Elevation of Privileges", "E"),
        ("Elevation of privilege", "E"),
        ("Escalation of Privileges", "E"),
        ("Privilege escalation", "E"),
        ("PRIVILEGE_ELEVATION", "E"),
        ("EoP", "E"),
        ("Authorization", "E"),
        ("Spoofing identity", "S"),
        ("Authenticity", "S"),
        ("Tampering with data", "T"),
        ("Integrity", "T"),
        ("Repudiation", "R"),
        ("Info disclosure", "I"),
        ("Disclosure of information", "I"),
        ("InformationDisclosure", "I"),
        ("Information leakage", "I"),
        ("Confidentiality", "I"),
        ("DoS", "D"),
        ("DDoS", "D"),
        ("Denial-of-Service", "D"),
        ("Availability", "D"),
        ("Tampering / Spoofing", "TS"),
        ("S, T", "ST"),
        ("Non-repudiation", ""),
        ("Linkability", ""),
        ("", ""),
    ],
)
def test_other_spellings_of_a_category_are_understood(word: str, wanted: str) -> None:
    assert "".join(one.value for one in categories_in(word)) == wanted


def test_a_stated_category_takes_precedence_over_a_weakness() -> None:
    assert stride_categories(["DoS"], [89], ImportNotes(), "x") == (Stride.DENIAL_OF_SERVICE,)


@for_each("number", sorted({number for rule in BUILT_IN.rules for number in rule.cwe}))
def test_a_weakness_of_the_catalogue_leads_to_a_category_of_its_rules(number: int) -> None:
    (found,) = stride_categories([], [number], ImportNotes(), "x")
    assert found in {rule.category for rule in BUILT_IN.rules if number in rule.cwe}


def test_a_weakness_stands_in_one_category_only() -> None:
    counted = Counter(
        number
        for numbers in stride_mapping._OTHER_WEAKNESSES.values()  # pyright: ignore[reportPrivateUsage]  (the table; nothing reads all of it)
        for number in numbers
    )
    assert [number for number, count in counted.items() if count > 1] == []


def test_a_missing_category_is_guessed_and_reported() -> None:
    notes = ImportNotes()
    assert stride_categories(["Linkability"], [99999], notes, "Odd one") == (Stride.TAMPERING,)
    assert notes.all() == (
        "the category “Linkability” of a threat: not a STRIDE category",
        "“Odd one” has no STRIDE category: imported as tampering; review it",
    )


def test_weaknesses_are_numbers_in_whatever_spelling() -> None:
    assert cwe_numbers(["CWE-79", "cwe 89", "352", "none", ""]) == [79, 89, 352]
