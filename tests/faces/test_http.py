"""The REST face, asked as a client asks it."""

import json

import pytest

from bylaw.base.plain import Plain
from bylaw.faces.wire import STATUS
from bylaw.services.answer import ERRORS
from tests.faces.scripted import DENIED, ScriptedDoor, app_of, client_of

MEMBERS = {"ok", "error", "summary", "correlation_id", "timestamp"}


async def test_each_route_asks_its_tool_with_its_arguments() -> None:
    door = ScriptedDoor()
    async with client_of(app_of(door)) as client:
        await client.get("/actions", params={"filter": "merge", "limit": "20", "explain": "true"})
        await client.get("/workflow/state", params={"instance": "a:b", "wait_s": "1.5"})
        await client.get("/policy/freeze")
        await client.get("/policy", params={"action": "git.push"})
        await client.get("/context")
        await client.get("/context/tasks/42")
        await client.post("/context/tasks/42", json={"value": {"done": True}})
        await client.post("/action", json={"action": "code-review.submit"})
        await client.post("/event", json={"event": "tests.finished", "params": {"passed": True}})
        await client.post("/enforce", json={"action": "git.push"})

    assert [(tool, arguments) for tool, arguments, _ in door.asked] == [
        ("get_available_actions", {"filter": "merge", "limit": 20, "explain": True}),
        ("get_workflow_state", {"instance": "a:b", "wait_s": 1.5}),
        ("get_policy", {"name": "freeze"}),
        ("get_policy", {"action": "git.push"}),
        ("get_context_data", {}),
        ("get_context_data", {"key": "tasks/42"}),
        ("update_context", {"key": "tasks/42", "value": {"done": True}}),
        ("run_action", {"action": "code-review.submit"}),
        ("trigger_event", {"event": "tests.finished", "params": {"passed": True}}),
        ("enforce", {"action": "git.push"}),
    ]


async def test_facts_in_a_query_are_json_text_and_need_no_repair() -> None:
    async with client_of(app_of(ScriptedDoor())) as client:
        answer = await client.get("/actions", params={"facts": '{"on_call": true}'})

    assert answer.json()["arguments"] == {"facts": {"on_call": True}}
    assert answer.json()["repaired"] == []


async def test_idempotency_key_header_is_the_argument() -> None:
    door = ScriptedDoor()
    async with client_of(app_of(door)) as client:
        await client.post("/action", json={"action": "a"}, headers={"Idempotency-Key": "k1"})

    assert door.asked[0][1] == {"action": "a", "idempotency_key": "k1"}


async def test_an_argument_with_two_values_is_refused() -> None:
    async with client_of(app_of(ScriptedDoor())) as client:
        answers = [
            await client.post("/context/tasks/1", json={"key": "tasks/2", "value": 1}),
            await client.get("/actions?filter=a&filter=b"),
            await client.post(
                "/action",
                json={"action": "a", "idempotency_key": "k1"},
                headers={"Idempotency-Key": "k2"},
            ),
        ]

    assert [answer.status_code for answer in answers] == [422, 422, 422]
    assert [answer.json()["error"] for answer in answers] == ["bad-params"] * 3


@pytest.mark.parametrize("error", ERRORS)
async def test_every_error_has_its_status_and_keeps_its_body(error: str) -> None:
    refusal = {**DENIED, "error": error}
    async with client_of(app_of(ScriptedDoor({"enforce": refusal}))) as client:
        answer = await client.post("/enforce", json={"action": "git.push"})

    assert answer.status_code == STATUS[error]
    assert answer.json() == refusal


async def test_an_unavailable_store_says_when_to_come_back() -> None:
    refusal = {**DENIED, "error": "unavailable"}
    async with client_of(app_of(ScriptedDoor({"run_action": refusal}))) as client:
        answer = await client.post("/action", json={"action": "a"})

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


async def test_a_broken_door_answers_internal_and_tells_nothing() -> None:
    door = ScriptedDoor({"enforce": RuntimeError("password=hunter2")})
    async with client_of(app_of(door)) as client:
        answer = await client.post("/enforce", json={"action": "a"})

    assert answer.status_code == 500
    assert answer.json()["error"] == "internal"
    assert answer.json()["correlation_id"] == answer.headers["x-correlation-id"]
    assert "hunter2" not in answer.text


def nested(depth: int) -> bytes:
    return b'{"action": "a", "params": {"a": ' + b"[" * depth + b"]" * depth + b"}}"


JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("body", "kind", "status", "error"),
    [
        (b"{", JSON, 422, "bad-params"),
        (b"[]", JSON, 422, "bad-params"),
        (b'{"action": "a", "action": "b"}', JSON, 422, "bad-params"),
        (b'{"action": NaN}', JSON, 422, "bad-params"),
        (b'{"action": "\xff"}', JSON, 422, "bad-params"),
        (b'{"action": "a"}', "text/plain", 422, "bad-params"),
        (b"action=a", FORM, 422, "bad-params"),
        (b'{"action": "a"}', "application/json; charset=latin-1", 422, "bad-params"),
        (nested(90_000), JSON, 422, "bad-params"),
        (nested(60), JSON, 413, "too-large"),
        (b'{"action": "' + b"a" * 1_100_000 + b'"}', JSON, 413, "too-large"),
        (b'{"action": 1' + b"0" * 5_000 + b"}", JSON, 422, "bad-params"),
        (b'{"action": "a\\u0000"}', JSON, 422, "bad-params"),
        (b'{"action": "\\ud800"}', JSON, 422, "bad-params"),
        (b"", JSON, 422, "bad-params"),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused_in_the_one_shape(
    body: bytes, kind: str, status: int, error: str
) -> None:
    door = ScriptedDoor()
    async with client_of(app_of(door)) as client:
        answer = await client.post("/action", content=body, headers={"Content-Type": kind})

    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert door.asked == []


async def test_a_body_without_a_length_is_limited_too() -> None:
    async def chunks() -> Plain:
        yield b'{"action": "'
        yield b"a" * 2_000
        yield b'"}'

    async with client_of(app_of(ScriptedDoor(), largest_bytes=1_000)) as client:
        answer = await client.post("/action", content=chunks())

    assert (answer.status_code, answer.json()["error"]) == (413, "too-large")


async def test_a_path_or_method_that_is_not_there_is_refused_with_what_is_near() -> None:
    async with client_of(app_of(ScriptedDoor())) as client:
        path = await client.get("/action-s")
        method = await client.get("/action")

    assert (path.status_code, path.json()["error"]) == (404, "unknown")
    assert "`/actions`" in path.json()["summary"]
    assert (method.status_code, method.headers["allow"]) == (405, "POST")
    assert set(method.json()) == MEMBERS


async def test_path_that_two_routes_share_names_the_methods_of_both() -> None:
    async with client_of(app_of(ScriptedDoor())) as client:
        answer = await client.put("/context/tasks")

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


async def test_the_correlation_id_reaches_the_door_and_the_answer() -> None:
    door = ScriptedDoor()
    async with client_of(app_of(door)) as client:
        answer = await client.post(
            "/enforce", json={"action": "a"}, headers={"X-Correlation-Id": "mine"}
        )

    assert door.asked[0][2].correlation_id == "req_1"
    assert answer.headers["x-correlation-id"] == "req_1"


async def test_health_needs_no_caller_and_says_no_more_than_it_is_given() -> None:
    async with client_of(app_of(ScriptedDoor()), client="203.0.113.9") as client:
        answer = await client.get("/health")
        head = await client.head("/health")

    assert (answer.status_code, answer.json()) == (200, {"ok": True, "summary": "Well."})
    assert head.status_code == 200


async def test_ill_health_is_a_503() -> None:
    app = app_of(ScriptedDoor(), health=lambda: {"ok": False, "summary": "No store."})
    async with client_of(app) as client:
        answer = await client.get("/health")

    assert (answer.status_code, answer.json()["ok"]) == (503, False)


async def test_the_status_is_what_the_door_says() -> None:
    async with client_of(app_of(ScriptedDoor())) as client:
        answer = await client.get("/enforcement/status")

    assert answer.json()["policies"] == ["freeze"]


async def test_openapi_describes_bodies_and_refusals_truthfully() -> None:
    async with client_of(app_of(ScriptedDoor())) as client:
        document = (await client.get("/openapi.json")).json()

    action = document["paths"]["/action"]["post"]
    body = action["requestBody"]["content"]["application/json"]["schema"]
    assert body["required"] == ["action"]
    assert {"200", "401", "403", "404", "409", "413", "422", "429", "500", "503"} == set(
        action["responses"]
    )
    key = document["paths"]["/context/{key}"]["post"]["parameters"][0]
    assert (key["name"], key["in"]) == ("key", "path")


async def test_the_docs_page_lists_every_route_and_needs_no_network() -> None:
    async with client_of(app_of(ScriptedDoor())) as client:
        page = (await client.get("/docs")).text
        document = (await client.get("/openapi.json")).json()

    assert [path for path in document["paths"] if path not in page] == []
    assert "http://" not in page.replace("http://127.0.0.1:8000", "")
    assert "https://" not in page


async def test_answers_are_json_that_says_the_texts_as_they_are() -> None:
    door = ScriptedDoor({"enforce": {"ok": True, "summary": "Grün «ja» 绿"}})
    async with client_of(app_of(door)) as client:
        answer = await client.post("/enforce", json={"action": "a"})

    assert json.loads(answer.content.decode()) == {"ok": True, "summary": "Grün «ja» 绿"}
