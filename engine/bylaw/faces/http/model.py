"""The answers as OpenAPI describes them. Requests are described by the tools themselves."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bylaw.base.plain import Plain
from bylaw.faces.wire import STATUS
from bylaw.services.answer import ERRORS


class Answered(BaseModel):
    """A good answer. What else stands in it depends on the call; empty members are left out."""

    model_config = ConfigDict(extra="allow")

    ok: Literal[True]
    summary: Annotated[str, Field(description="The answer in a sentence.")] = ""


class Because(BaseModel):
    """One rule that decided, where it stands, and what it saw."""

    model_config = ConfigDict(extra="allow")

    rule: str
    at: Annotated[str, Field(description="File and line, relative to the house.")]
    effect: str
    message: str = ""


class NextCall(BaseModel):
    """A complete call, or a command, to copy."""

    model_config = ConfigDict(extra="allow")

    tool: str = ""
    arguments: dict[str, Any] = {}
    command: str = ""
    why: str = ""


class Refused(BaseModel):
    """The one refusal, on every face. Empty members are left out."""

    model_config = ConfigDict(extra="allow")

    ok: Literal[False]
    error: Annotated[str, Field(json_schema_extra={"enum": list(ERRORS)})]
    summary: Annotated[str, Field(description="What is the matter, in a sentence.")]
    because: list[Because] = []
    missing: list[dict[str, Any]] = []
    next: list[NextCall] = []
    again: str = ""
    instance: str = ""
    state: str = ""
    version: int = 0
    actions: list[str] = []
    decision: str = ""
    correlation_id: str
    timestamp: str


# Every refusal by status, for OpenAPI: which errors each one stands for.
RESPONSES: dict[int | str, dict[str, Plain]] = {
    int(status): {
        "model": Refused,
        "description": " · ".join(name for name, one in STATUS.items() if one == status),
    }
    for status in sorted(set(STATUS.values()))
}
