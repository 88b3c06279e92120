"""Drafts from files: each is recognized by its content, and all of a format are read together."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from bot.drafts.compose_reader import is_compose, read_compose
from bot.drafts.draft_builder import DraftBuilder, clean_name
from bot.drafts.joined_descriptions import join_descriptions
from bot.drafts.kubernetes_objects import is_kubernetes
from bot.drafts.kubernetes_reader import read_kubernetes
from bot.drafts.lined_json import NotJson, read_json
from bot.drafts.lined_values import LinedMapping
from bot.drafts.lined_yaml import TemplateInYaml, read_yaml
from bot.drafts.mermaid_blocks import mermaid_blocks
from bot.drafts.mermaid_reader import read_mermaid
from bot.drafts.mermaid_syntax import parse_flowcharts
from bot.drafts.openapi_reader import is_openapi, read_openapi
from bot.drafts.terraform_reader import is_terraform, read_terraform
from bot.drafts.threat_composer_reader import is_threat_composer, read_threat_composer
from bot.drafts.unrendered_templates import has_marks, refusal_of, template_refusal
from bot.formats.importers.untrusted_document import NEEDS_YAML, UnreadableFile, decode_text, looks_like_json
from domain.drafts.draft import Draft, DraftSource


class SourceFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file with its name, as it is shown in places, its content, and the variables that are set for it."""

    name: str
    content: bytes
    variables: Mapping[str, str] = {}


class _Format(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    matches: Callable[[LinedMapping], bool]
    read: Callable[[Sequence[LinedMapping], DraftBuilder], None]


class _Found(msgspec.Struct, frozen=True):
    """A file with its format and its documents."""

    source: DraftSource
    documents: list[LinedMapping]


_FORMATS: Final = (
    _Format(title="Threat Composer", matches=is_threat_composer, read=read_threat_composer),
    _Format(title="OpenAPI", matches=is_openapi, read=read_openapi),
    _Format(title="Terraform plan", matches=is_terraform, read=read_terraform),
    _Format(title="Compose", matches=is_compose, read=read_compose),
    _Format(title="Kubernetes", matches=is_kubernetes, read=read_kubernetes),
)
"""The formats of documents, the most specific first."""

MERMAID: Final = "Mermaid flowchart"
TERRAFORM: Final = "Terraform plan"
DRAFT_FORMATS: Final = (
    "Compose, Kubernetes (rendered), OpenAPI 3.x, Swagger 2.0, Terraform plan (JSON), Threat Composer, "
    "Mermaid flowchart"
)
"""The formats that can be read, as messages name them."""


def read_draft(
    files: Sequence[SourceFile], *, terminal: bool = False, told: Callable[[str], None] | None = None
) -> Draft:
    """Return the draft that some files propose together; `told` is called with each name before it is read.

    Terraform plans are read for the terminal only: they hold secrets, which must not be sent to Slack.
    Raises UnreadableFile; the message begins with the name of the file.
    """
    builder = DraftBuilder({clean_name(one.name): one.variables for one in files})
    found: dict[str, list[_Found]] = {}
    sources: list[DraftSource] = []
    for file in files:
        if told is not None:
            told(file.name)
        try:
            one = _read(file, builder, terminal=terminal)
        except UnreadableFile as fault:
            raise UnreadableFile(f"{clean_name(file.name)}: {fault}") from None
        sources.append(one.source)
        found.setdefault(one.source.format, []).append(one)
    for known in _FORMATS:
        documents = [document for one in found.get(known.title, []) for document in one.documents]
        if documents:
            known.read(documents, builder)
    join_descriptions(builder)
    return builder.draft(sources)


def _read(file: SourceFile, builder: DraftBuilder, *, terminal: bool) -> _Found:
    """Return a file's documents; a flowchart is read at once, because it has none."""
    text = decode_text(file.content)
    name = clean_name(file.name)
    refusal = _foreign_refusal(file.name, text)
    if refusal:
        raise UnreadableFile(refusal)
    digest = hashlib.sha256(file.content).hexdigest()
    markdown = file.name.casefold().endswith((".md", ".markdown"))
    blocks = mermaid_blocks(text, markdown=markdown)
    if markdown and not blocks:
        raise UnreadableFile(_NO_FLOWCHART)
    if blocks:
        read_mermaid(name, parse_flowcharts(blocks), builder)
        return _Found(DraftSource(name=name, format=MERMAID, sha256=digest), [])
    kind = _kind_of(file.name, text)
    try:
        documents = _documents(text, name)
    except UnreadableFile:
        if kind:
            raise UnreadableFile(_not_read(kind)) from None
        raise
    refusal = template_refusal(text, documents)
    if refusal:
        raise UnreadableFile(refusal)
    for known in _FORMATS:
        kept = [one for one in documents if known.matches(one)]
        if kept:
            if known.title == TERRAFORM and not terminal:
                raise UnreadableFile(_PLAN_IN_SLACK)
            return _Found(DraftSource(name=name, format=known.title, sha256=digest), kept)
    raise UnreadableFile(_not_read(kind) if kind else f"The file format is not supported. {_CHOICE}")


def _not_read(kind: str) -> str:
    return f"{kind} are not read. {_CHOICE}"


_CHOICE: Final = f"Draft from one of: {DRAFT_FORMATS}."
_PLAN_IN_SLACK: Final = (
    "Terraform plans can contain secrets, so they are not read from Slack. Delete the file there, and draft "
    "it in a terminal: threatmodel draft plan.json."
)
_CONFIGURATION: Final = (
    "The file is Terraform configuration, which is not read. Make a plan, and draft that in a terminal: "
    "terraform plan -out=plan.out && terraform show -json plan.out > plan.json."
)
_THREAT_MODEL: Final = (
    "The file is a threat model, not a description of a system. Import it as a new model: "
    "threatmodel import FILE."
)
_NO_FLOWCHART: Final = "The page has no Mermaid flowchart, and nothing else on a page can be read."
_HCL: Final = re.compile(
    r"^\s{0,8}(?:resource|data|module|provider|variable|terraform|output|locals)\b[^:=\n]{0,200}\{",
    re.MULTILINE,
)
_OTHER_TEXT: Final = (
    (re.compile(r"^\s{0,8}@startuml", re.MULTILINE), "PlantUML files"),
    (re.compile(r"<mxfile|<mxGraphModel"), "draw.io files"),
)
_ENDINGS: Final = {
    **dict.fromkeys(("py", "pyi"), "Python files"),
    **dict.fromkeys(("js", "mjs", "cjs", "jsx", "ts", "tsx"), "JavaScript and TypeScript files"),
    **dict.fromkeys(("sh", "bash", "zsh"), "Shell scripts"),
    **dict.fromkeys(("go", "rs", "java", "kt", "rb", "php", "cs", "c", "cpp", "swift"), "Source files"),
    **dict.fromkeys(("html", "htm"), "HTML pages"),
    **dict.fromkeys(("toml", "ini", "cfg", "conf", "properties"), "Configuration files of other tools"),
    **dict.fromkeys(("env", ".env"), "Environment files, which may hold secrets,"),
    "xml": "XML files",
    "csv": "CSV files",
    "bicep": "Bicep files",
    "proto": "Protocol Buffers files",
    "graphql": "GraphQL schemas",
    "dockerfile": "Dockerfiles",
}
"""Kinds of files by the ends of their names."""

_KINDS: Final = (
    (
        re.compile(
            r"^(?:#![^\n]{0,80}python|from [\w.]+ import|import [\w.]+(?: as \w+)?$|def \w+\(|class \w+[(:])",
            re.MULTILINE,
        ),
        "Python files",
    ),
    (re.compile(r"^#![^\n]{0,80}sh\b", re.MULTILINE), "Shell scripts"),
    (re.compile(r"^FROM \S+(?: (?:AS|as) \S+)?$", re.MULTILINE), "Dockerfiles"),
    (
        re.compile(
            r"^(?:import .{1,200} from ['\"]|const \w+ = |export (?:default|const|function))", re.MULTILINE
        ),
        "JavaScript and TypeScript files",
    ),
    (re.compile(r"^<(?:!DOCTYPE html|!doctype html|html)\b", re.MULTILINE), "HTML pages"),
    (re.compile(r"^<\?xml\b", re.MULTILINE), "XML files"),
)
"""Kinds of files by the beginning of a line."""


def _kind_of(name: str, text: str) -> str:
    """Return what a file is that cannot be read, as its name or its text tells; empty if neither does."""
    ending = name.casefold().rpartition("/")[2].rpartition(".")[2]
    if ending in _ENDINGS:
        return _ENDINGS[ending]
    return next((kind for pattern, kind in _KINDS if pattern.search(text[:4_000])), "")


def _foreign_refusal(name: str, text: str) -> str:
    """Return why a text in a related format is not read; empty for any other."""
    if name.casefold().endswith((".tf", ".tf.json", ".hcl")):
        return _CONFIGURATION
    start = text[:20_000]
    if start.lstrip()[:1] not in ("{", "[", "-") and _HCL.search(start):
        return _CONFIGURATION
    for pattern, title in _OTHER_TEXT:
        if pattern.search(start[:2_000]):
            return _not_read(title)
    return ""


def _documents(text: str, file: str) -> list[LinedMapping]:
    """Return the documents of a JSON or YAML file that are mappings."""
    values: list[object]
    if text.lstrip()[0] in "{[" and not text.lstrip().startswith("{{"):
        values = _in_brackets(text, file)
    else:
        values = _yaml_documents(text, file)
    found = [one for one in values if isinstance(one, LinedMapping)]
    if any(one.keys() & _MODEL_KEYS for one in found):
        raise UnreadableFile(_THREAT_MODEL)
    return found


_MODEL_KEYS: Final = frozenset({"otmVersion", "trust_zones"})


def _in_brackets(text: str, file: str) -> list[object]:
    """Return the document of a JSON file, or the documents of a YAML file in the style of JSON."""
    try:
        return [read_json(text, file)]
    except NotJson:
        if file.casefold().endswith((".yaml", ".yml")) or not looks_like_json(text):
            return _yaml_documents(text, file)
        raise


def _yaml_documents(text: str, file: str) -> list[object]:
    try:
        return read_yaml(text, file)
    except ModuleNotFoundError:
        raise UnreadableFile(NEEDS_YAML) from None
    except TemplateInYaml:
        raise UnreadableFile(refusal_of(text) if has_marks(text) else _NO_TEXT_KEY) from None
    except UnreadableFile:
        if has_marks(text):
            raise UnreadableFile(refusal_of(text)) from None
        raise


_NO_TEXT_KEY: Final = "The file is not supported: a key in it is a list or a mapping."
