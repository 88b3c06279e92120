"""The protocol around the service, with the official SDK, also over standard input and output."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final, TypeVar

import anyio
import msgspec
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel.server import Server
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    GetPromptRequestParams,
    GetPromptResult,
    ListPromptsResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    PaginatedRequestParams,
    Prompt,
    PromptArgument,
    PromptMessage,
    ReadResourceRequestParams,
    ReadResourceResult,
    Resource,
    ResourceTemplate,
    TextContent,
    TextResourceContents,
    ToolAnnotations,
)
from mcp_types import Tool as ListedTool

from bot.commands.personal_tokens import Scope
from bot.mcp_server.agent_service import PROMPT, REGISTER_URI, AgentService
from bot.mcp_server.answers import RULE, visible_text
from bot.mcp_server.callers import Caller, CallRefused
from bot.mcp_server.tool_table import TOOLS
from bot.version import version

NAME: Final = "threatmodel"

_JSON: Final = "application/json"
_MAX_LISTED: Final = 500

Context = ServerRequestContext[Any, Any]
CallerOf = Callable[[Context], Caller]
"""Return the caller of a request."""

T = TypeVar("T")


class ProtocolServer:
    """Handlers of the protocol's requests; the service answers them on the given threads."""

    def __init__(self, service: AgentService, caller_of: CallerOf, threads: ThreadPoolExecutor) -> None:
        self._service = service
        self._caller_of = caller_of
        self._threads = threads
        self.server: Server[Any] = Server(
            NAME,
            version=version(),
            title="Threat models",
            instructions=_INSTRUCTIONS,
            on_list_tools=self._list_tools,
            on_call_tool=self._call_tool,
            on_list_resources=self._list_resources,
            on_list_resource_templates=self._list_templates,
            on_read_resource=self._read_resource,
            on_list_prompts=self._list_prompts,
            on_get_prompt=self._get_prompt,
        )

    async def _list_tools(self, context: Context, params: PaginatedRequestParams | None) -> ListToolsResult:
        del context, params
        return ListToolsResult(tools=[_listed(name) for name in TOOLS])

    async def _call_tool(self, context: Context, params: CallToolRequestParams) -> CallToolResult:
        if params.name not in TOOLS:
            raise MCPError(INVALID_PARAMS, "There is no such tool.")
        try:
            answer = await self._run(
                partial(
                    self._service.call_tool,
                    self._caller_of(context),
                    params.name,
                    params.arguments or {},
                    client=_client_of(context),
                )
            )
        except CallRefused as refused:
            return CallToolResult(content=[TextContent(text=str(refused))], is_error=True)
        text = msgspec.json.encode(answer).decode()
        return CallToolResult(content=[TextContent(text=text)], structured_content=answer)

    async def _list_resources(
        self, context: Context, params: PaginatedRequestParams | None
    ) -> ListResourcesResult:
        del params
        models = await self._answered(partial(self._service.list_registers, self._caller_of(context)))
        return ListResourcesResult(
            resources=[
                Resource(
                    uri=REGISTER_URI.format(model=model.key),
                    name=model.key,
                    description=f"Register of the threat model {model.key}",
                    mime_type=_JSON,
                )
                for model in models[:_MAX_LISTED]
            ]
        )

    async def _list_templates(
        self, context: Context, params: PaginatedRequestParams | None
    ) -> ListResourceTemplatesResult:
        del context, params
        template = ResourceTemplate(
            uri_template=REGISTER_URI,
            name="register",
            description="The whole register of a threat model",
            mime_type=_JSON,
        )
        return ListResourceTemplatesResult(resource_templates=[template])

    async def _read_resource(self, context: Context, params: ReadResourceRequestParams) -> ReadResourceResult:
        uri = str(params.uri)
        answer = await self._answered(partial(self._service.read_register, self._caller_of(context), uri))
        text = msgspec.json.encode(answer).decode()
        return ReadResourceResult(contents=[TextResourceContents(uri=uri, mime_type=_JSON, text=text)])

    async def _list_prompts(
        self, context: Context, params: PaginatedRequestParams | None
    ) -> ListPromptsResult:
        del context, params
        model = PromptArgument(name="model", description="Key of the model, such as TM-7", required=True)
        prompt = Prompt(
            name=PROMPT,
            title="Answer open questions from the code",
            description="Find evidence for the open questions of a threat model in this repository.",
            arguments=[model],
        )
        return ListPromptsResult(prompts=[prompt])

    async def _get_prompt(self, context: Context, params: GetPromptRequestParams) -> GetPromptResult:
        if params.name != PROMPT:
            raise MCPError(INVALID_PARAMS, "There is no such prompt.")
        given = {name: str(one) for name, one in (params.arguments or {}).items()}
        text = await self._answered(
            partial(self._service.prompt, self._caller_of(context), params.name, given)
        )
        return GetPromptResult(messages=[PromptMessage(role="user", content=TextContent(text=text))])

    async def _answered(self, call: Callable[[], T]) -> T:
        """Return the result of a call whose refusal is an error of the protocol."""
        try:
            return await self._run(call)
        except CallRefused as refused:
            raise MCPError(INVALID_PARAMS, str(refused)) from None

    async def _run(self, call: Callable[[], T]) -> T:
        """Return the result of a call on a thread of the server."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)


def _listed(name: str) -> ListedTool:
    tool = TOOLS[name]
    reads = tool.scope is Scope.READ
    return ListedTool(
        name=name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.input_schema,
        annotations=ToolAnnotations(
            read_only_hint=reads, destructive_hint=False, idempotent_hint=True, open_world_hint=False
        ),
    )


def _client_of(context: Context) -> str:
    """Return the name of the program that calls, as it states it."""
    params = context.session.client_params
    return visible_text(params.client_info.name) if params is not None else ""


_INSTRUCTIONS: Final = (
    "Threat models that teams keep in Slack. Read them to learn what your change has to guard, and propose "
    f"what you find in the code, with evidence. Proposals are drafts that people accept or reject. {RULE}"
)


def serve_stdio(service: AgentService, operator: Caller) -> None:
    """Answer a client until it closes standard input."""

    async def serve(threads: ThreadPoolExecutor) -> None:
        server = ProtocolServer(service, lambda _: operator, threads).server
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())

    with ThreadPoolExecutor(1, thread_name_prefix="mcp") as threads:
        anyio.run(serve, threads)
