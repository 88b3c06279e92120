"""Roles of components in a plan of Terraform: those that may do everything."""

from collections.abc import Iterator, Mapping
from typing import Final

from bot.drafts.draft_builder import BuiltItem
from bot.drafts.lined_json import read_json
from bot.drafts.lined_values import LinedList, LinedMapping, list_of, mapping_of, text_of
from bot.drafts.terraform_plan import TerraformPlan, TerraformResource
from bot.formats.importers.untrusted_document import UnreadableFile

_ROLE_ATTRIBUTES: Final = ("role", "task_role_arn", "iam_instance_profile", "instance_role_arn", "role_arn")
_ADMINISTRATOR: Final = "policy/AdministratorAccess"


def answer_roles(plan: TerraformPlan, components: Mapping[str, BuiltItem]) -> None:
    """Answer the questions about privileges for the components whose role may do everything."""
    wide = _wide_roles(plan)
    for address, item in components.items():
        for role in _roles_of(plan, plan.resources[address]):
            if role in wide:
                item.answer("role_restricted", item.place, yes=False)
                item.answer("least_privilege", item.place, yes=False)


def _roles_of(plan: TerraformPlan, one: TerraformResource) -> Iterator[str]:
    for target in plan.references(one):
        if target.type == "aws_ecs_task_definition":
            yield from _roles_of(plan, target)
    for target in plan.references(one, *_ROLE_ATTRIBUTES):
        if target.type == "aws_iam_role":
            yield target.address
        elif target.type == "aws_iam_instance_profile":
            yield from (role.address for role in plan.references(target, "role"))


def _wide_roles(plan: TerraformPlan) -> set[str]:
    found: set[str] = set()
    for one in plan.of_type("aws_iam_role_policy"):
        if _allows_all(one.values.text("policy")):
            found.update(role.address for role in plan.references(one, "role"))
    for one in plan.of_type("aws_iam_role_policy_attachment"):
        policies = [
            policy.values.text("policy")
            for policy in plan.references(one, "policy_arn")
            if policy.type == "aws_iam_policy"
        ]
        if one.values.text("policy_arn").endswith(_ADMINISTRATOR) or any(map(_allows_all, policies)):
            found.update(role.address for role in plan.references(one, "role"))
    for one in plan.of_type("aws_iam_role"):
        attached = list(one.values.list("managed_policy_arns").texts())
        inline = [policy.text("policy") for policy in one.values.list("inline_policy").mappings()]
        if any(text.endswith(_ADMINISTRATOR) for text, _ in attached) or any(map(_allows_all, inline)):
            found.add(one.address)
    return found


def _allows_all(policy: str) -> bool:
    """Return whether a policy allows every action on every resource."""
    if not policy:
        return False
    try:
        document = mapping_of(read_json(policy, ""))
    except UnreadableFile:
        return False
    statements = document.get("Statement")
    listed = statements if isinstance(statements, LinedList) else [statements]
    return any(_is_wide(mapping_of(one)) for one in listed)


def _is_wide(statement: LinedMapping) -> bool:
    return (
        statement.text("Effect") == "Allow"
        and "*" in _several(statement.get("Action"))
        and "*" in _several(statement.get("Resource"))
    )


def _several(value: object) -> list[str]:
    return [text_of(value)] if isinstance(value, str) else [text for text, _ in list_of(value).texts()]
