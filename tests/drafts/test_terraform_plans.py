"""References of a plan are followed through modules, variables and outputs; instances are one component."""

import json
from typing import Any

from domain.drafts.draft import Draft
from domain.kernel.elements import Kind
from tests.drafts.fixture_drafts import draft_of

Plain = dict[str, Any]


def resource(address: str, values: Plain | None = None, module: str = "", index: Any = None) -> Plain:
    kind, _, name = address.partition(".")
    instance = f"[{json.dumps(index)}]" if index is not None else ""
    shown = f"{f'module.{module}.' if module else ''}{address}{instance}"
    told: Plain = {"address": shown, "mode": "managed", "type": kind, "name": name, "values": values or {}}
    return told if index is None else {**told, "index": index}


def configured(address: str, **references: str) -> Plain:
    expressions = {name: {"references": [text, text.rpartition(".")[0]]} for name, text in references.items()}
    return {"address": address, "mode": "managed", "expressions": expressions}


def plan(resources: list[Plain], configuration: list[Plain], **modules: Plain) -> str:
    inner = [{"address": f"module.{name}", "resources": one["planned"]} for name, one in modules.items()]
    calls = {name: one["call"] for name, one in modules.items()}
    return json.dumps(
        {
            "format_version": "1.2",
            "planned_values": {"root_module": {"resources": resources, "child_modules": inner}},
            "configuration": {"root_module": {"resources": configuration, "module_calls": calls}},
        },
        indent=1,
    )


def draft(text: str) -> Draft:
    return draft_of(text, "plan.json")


NETWORK: Plain = {
    "planned": [
        resource("aws_vpc.this", {"tags": {"Name": "main"}}, "net"),
        resource("aws_subnet.a", module="net"),
    ],
    "call": {
        "module": {
            "resources": [configured("aws_subnet.a", vpc_id="aws_vpc.this.id"), configured("aws_vpc.this")],
            "outputs": {"subnet": {"expression": {"references": ["aws_subnet.a.id", "aws_subnet.a"]}}},
        }
    },
}


def test_components_of_one_network_are_inside_of_its_boundary() -> None:
    resources = [
        resource("aws_instance.web"),
        resource("aws_db_instance.db"),
        resource("aws_s3_bucket.files"),
    ]
    references = [
        configured("aws_instance.web", subnet_id="module.net.subnet"),
        configured("aws_db_instance.db", db_subnet_group_name="aws_db_subnet_group.db.name"),
        configured("aws_db_subnet_group.db", subnet_ids="module.net.subnet"),
        configured("aws_s3_bucket.files"),
    ]
    found = draft(plan([*resources, resource("aws_db_subnet_group.db")], references, net=NETWORK))
    (boundary,) = [one for one in found.items if one.kind is Kind.TRUST_BOUNDARY]
    assert (boundary.name, boundary.key) == ("main network", "terraform:module.net.aws_vpc.this")
    assert {one.key for one in found.items if one.boundary == boundary.key} == {
        *("terraform:aws_instance.web", "terraform:aws_db_instance.db"),
    }


def test_a_network_of_one_component_is_no_boundary() -> None:
    references = [configured("aws_instance.web", subnet_id="module.net.subnet")]
    found = draft(plan([resource("aws_instance.web")], references, net=NETWORK))
    assert [one for one in found.items if one.kind is Kind.TRUST_BOUNDARY] == []


def test_numbered_instances_are_one_component_and_named_ones_several() -> None:
    several = [resource("aws_instance.web", index=number) for number in range(3)]
    named = [resource("aws_sqs_queue.jobs", {"name": name}, index=name) for name in ("mail", "reports")]
    found = draft(
        plan([*several, *named], [configured("aws_instance.web"), configured("aws_sqs_queue.jobs")])
    )
    assert [one.key for one in found.items if one.kind is Kind.COMPONENT] == [
        "terraform:aws_instance.web",
        'terraform:aws_sqs_queue.jobs["mail"]',
        'terraform:aws_sqs_queue.jobs["reports"]',
    ]


def test_a_state_is_read_as_a_plan_and_references_in_a_circle_end() -> None:
    state = {"format_version": "1.0", "values": {"root_module": {"resources": [resource("aws_s3_bucket.a")]}}}
    assert [one.key for one in draft(json.dumps(state)).items][:1] == ["terraform:aws_s3_bucket.a"]
    circle: Plain = {
        "planned": [],
        "call": {
            "expressions": {"x": {"references": ["module.m.y", "module.m"]}},
            "module": {"outputs": {"y": {"expression": {"references": ["var.x"]}}}},
        },
    }
    references = [configured("aws_instance.web", user_data="module.m.y")]
    assert draft(plan([resource("aws_instance.web")], references, m=circle)).items


def test_types_of_resources_that_were_not_read_are_listed() -> None:
    walls = [resource(f"google_compute_firewall.f{n}") for n in range(5)]
    found = draft(plan([*walls, resource("random_id.a"), resource("aws_iam_role.r")], []))
    assert found.items == ()
    assert found.notes == ("google_compute_firewall: resources of this type were not read (5 times)",)


def test_a_file_on_one_line_has_no_lines() -> None:
    text = json.dumps(json.loads(plan([resource("aws_s3_bucket.a")], [])))
    assert {one.place.text for one in draft(text).items} == {"plan.json"}
