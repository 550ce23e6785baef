"""The gate before the HTTP faces: who may pass, from where, and how a no looks."""

from collections.abc import Mapping

import pytest
import structlog
from httpx2 import Response
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from bylaw.base.plain import Plain
from bylaw.services.answer import Answer
from bylaw.services.caller import Caller
from tests.faces.scripted import ScriptedDoor, app_of, client_of

ASK = {"action": "git.push"}


async def ask(headers: dict[str, str], *, client: str = "127.0.0.1", **changed: Plain) -> Response:
    async with client_of(app_of(ScriptedDoor(), **changed), client=client) as asking:
        return await asking.post("/enforce", json=ASK, headers=headers)


async def test_a_caller_on_this_machine_without_a_token_is_local() -> None:
    answer = await ask({})

    assert answer.json()["summary"] == "local asked enforce."


class TalkativeDoor(ScriptedDoor):
    """Writes a line into the log with every call, as the store may."""

    async def call(self, tool: str, arguments: Mapping[str, Plain], caller: Caller) -> Answer:
        structlog.get_logger("inside").info("asked")
        return await super().call(tool, arguments, caller)


async def test_lines_that_are_logged_on_the_way_name_the_request() -> None:
    with capture_logs(processors=[merge_contextvars]) as logged:
        async with client_of(app_of(TalkativeDoor())) as asking:
            await asking.post("/enforce", json=ASK)

    assert [line["correlation_id"] for line in logged] == ["req_1"]


async def test_a_known_token_is_its_actor_from_anywhere() -> None:
    answer = await ask({"Authorization": "Bearer ana-token"}, client="203.0.113.9")

    assert answer.json()["summary"] == "ana asked enforce."


@pytest.mark.parametrize(
    "sent", ["Bearer wrong", "Bearer ", "Bearer", "", "Basic YTpi", "ana-token", "Bearer a b"]
)
async def test_a_credential_that_is_not_known_is_refused_on_this_machine_too(sent: str) -> None:
    answer = await ask({"Authorization": sent})

    assert (answer.status_code, answer.json()["error"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["correlation_id"] == "req_1"


async def test_a_caller_from_elsewhere_needs_a_token() -> None:
    answer = await ask({}, client="203.0.113.9")

    assert (answer.status_code, answer.json()["error"]) == (401, "unauthenticated")


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
async def test_a_proxy_on_this_machine_does_not_make_its_callers_local(header: str) -> None:
    answer = await ask({header: "203.0.113.9"})

    assert answer.status_code == 401


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "localhost@evil", "["]
)
async def test_a_host_that_is_not_ours_is_refused(host: str) -> None:
    answer = await ask({"Host": host})

    assert (answer.status_code, answer.json()["error"]) == (403, "denied")


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000", "LOCALHOST"])
async def test_the_names_of_this_machine_are_ours(host: str) -> None:
    answer = await ask({"Host": host})

    assert answer.status_code == 200


async def test_a_configured_host_is_ours() -> None:
    answer = await ask({"Host": "bylaw.example:443"}, hosts=("bylaw.example",))

    assert answer.status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:3000"])
async def test_a_web_page_of_another_origin_is_refused(origin: str) -> None:
    answer = await ask({"Origin": origin})

    assert (answer.status_code, answer.json()["error"]) == (403, "denied")
    assert "access-control-allow-origin" not in answer.headers


async def test_our_own_pages_may_call() -> None:
    answer = await ask({"Origin": "http://127.0.0.1:8000"})

    assert answer.status_code == 200


async def test_mcp_stands_behind_the_same_gate() -> None:
    async with client_of(app_of(ScriptedDoor())) as client:
        host = await client.post("/mcp", json={}, headers={"Host": "evil.example"})
        token = await client.post("/mcp", json={}, headers={"Authorization": "Bearer wrong"})

    assert (host.status_code, host.json()["error"]) == (403, "denied")
    assert (token.status_code, token.json()["error"]) == (401, "unauthenticated")


async def test_docs_and_openapi_need_a_caller() -> None:
    async with client_of(app_of(ScriptedDoor()), client="203.0.113.9") as client:
        docs = await client.get("/docs")
        openapi = await client.get("/openapi.json")

    assert (docs.status_code, openapi.status_code) == (401, 401)
