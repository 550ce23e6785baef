"""An agent, two reviewers and CI take a change from start to merged, over MCP.

On the way the agent is refused a push to `main`, a submission without tests, the report of its
own tests and its own approval; each time it takes the first call that the refusal names. A second
change cannot be merged and goes back to draft. Needs `bylaw serve` and `ci_server.py`.
"""

import argparse
import asyncio
import json
import os
import secrets
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any

from fastmcp import Client

Answer = dict[str, Any]
ACTORS = ("ana", "bob", "cleo", "claude", "ci")


class Unexpected(Exception):
    """An answer that the story does not have."""


@dataclass(kw_only=True)
class Scenario:
    """One change on its way; `name` makes the branch, so that two stories do not meet."""

    url: str
    ci_url: str
    tokens: Mapping[str, str]
    name: str
    repo: str = "acme/web"
    commit: str = "c1"
    say: Callable[[str], None] = print
    instance: str = ""
    refused: list[Answer] = field(default_factory=list)

    @property
    def branch(self) -> str:
        """Return the branch of the change."""
        return f"feature/{self.name}"

    @property
    def change(self) -> Answer:
        """Return the params that name the change."""
        return {"repo": self.repo, "branch": self.branch, "commit": self.commit}

    async def ask(self, who: str, tool: str, **arguments: Any) -> Answer:
        """Call a tool as somebody, and say what was answered."""
        try:
            async with Client(f"{self.url}/mcp", auth=self.tokens[who]) as client:
                result = await client.call_tool(tool, arguments, raise_on_error=False)
        except RuntimeError as problem:
            raise Unexpected(f"{self.url}/mcp as {who}: {problem}") from problem
        answer: Answer | None = result.structured_content
        if answer is None:
            raise Unexpected(f"{tool} answered {result.content}")
        subject = arguments.get("action") or arguments.get("event") or ""
        self.say(f"{who:>6}  {tool} {subject}\n        {answer['summary']}")
        return answer

    async def done(self, who: str, tool: str, **arguments: Any) -> Answer:
        """Call a tool and take nothing but a good answer."""
        answer = await self.ask(who, tool, **arguments)
        if not answer["ok"]:
            raise Unexpected(json.dumps(answer, indent=2))
        return answer

    async def not_done(self, who: str, tool: str, **arguments: Any) -> Answer:
        """Call a tool that must be refused, say why, and take the first call that works."""
        answer = await self.ask(who, tool, **arguments)
        if answer["ok"] or not answer.get("because") or not answer.get("next"):
            raise Unexpected(json.dumps(answer, indent=2))
        reason = answer["because"][0]
        self.say(f"        because of {reason['rule']} in {reason['at']}")
        self.refused.append(answer)
        await self.take(who, answer["next"][0])
        return answer

    async def take(self, who: str, call: Answer) -> None:
        """Do what a refusal says; a command is for the agent's own shell."""
        self.say(f"        next: {call.get('why', '')}")
        if "tool" in call:
            await self.done(who, call["tool"], **call["arguments"])

    async def step(self, who: str, action: str, **params: Any) -> Answer:
        """Take a step of the review."""
        return await self.done(
            who, "run_action", action=action, instance=self.instance, params=params
        )

    async def until(self, reached: Callable[[Answer], bool]) -> Answer:
        """Wait for the review to change until it is so, at most about a minute."""
        version = 0
        for _ in range(12):
            answer = await self.done(
                "claude",
                "get_workflow_state",
                instance=self.instance,
                wait_s=5,
                since_version=version,
            )
            if reached(answer):
                return answer
            version = answer["version"]
        raise Unexpected(f"{self.instance} does not get there")

    async def begin(self) -> None:
        """Look around, be kept from `main`, push a branch, start a review."""
        await self.done("claude", "get_available_actions")
        main = {"repo": self.repo, "branch": "main"}
        await self.not_done("claude", "run_action", action="git.push", params=main)
        await asyncio.to_thread(self.push)
        start = {"action": "code-review.start", "params": self.change}
        self.instance = (await self.done("claude", "run_action", **start))["instance"]

    def push(self) -> None:
        """Push the branch, as the git host sees it."""
        host = HTTPConnection(urllib.parse.urlsplit(self.ci_url).netloc, timeout=10)
        try:
            host.request("POST", "/pushes", json.dumps(self.change))
            host.getresponse().read()
        except OSError as problem:
            raise Unexpected(f"{self.ci_url}: {problem}") from problem
        finally:
            host.close()

    async def submit(self) -> None:
        """Try without tests, try to report them, let CI run them, hand in."""
        summary = "Adds the login page for customers."
        early = {"action": "code-review.submit", "instance": self.instance}
        await self.not_done("claude", "run_action", **early, params={"summary": summary})
        report = self.change | {"status": "passed"}
        await self.not_done("claude", "trigger_event", event="tests.finished", params=report)
        await self.until(lambda answer: bool(answer["data"]["tests"] == "passed"))
        await self.step("claude", "code-review.submit", summary=summary)

    async def review(self) -> None:
        """Be kept from approving the own change; two others approve."""
        own = {"action": "code-review.approve", "instance": self.instance}
        await self.not_done("claude", "run_action", **own)
        await self.step("bob", "code-review.approve")
        await self.step("cleo", "code-review.approve")

    async def merge(self) -> Answer:
        """Merge, and wait for the end: `merged`, or back to `draft`."""
        await self.step("claude", "code-review.merge")
        return await self.until(lambda answer: answer["state"] in ("merged", "draft"))

    async def play(self) -> Answer:
        """Play the whole story."""
        await self.begin()
        await self.submit()
        await self.review()
        return await self.merge()


async def play(url: str, ci_url: str, tokens: Mapping[str, str]) -> None:
    """Play a change that is merged, and one that is not."""
    unused = secrets.token_hex(2)
    login = Scenario(url=url, ci_url=ci_url, tokens=tokens, name=f"login-{unused}")
    merged = await login.play()
    print(f"\n{merged['instance']} is {merged['state']}.\n")
    search = Scenario(url=url, ci_url=ci_url, tokens=tokens, name=f"conflict-{unused}")
    back = await search.play()
    print(f"\n{back['instance']} is {back['state']}: {back['data']['problem']}.")


def tokens() -> dict[str, str]:
    """Return the tokens of the actors, which come from the environment."""
    found = {name: os.environ.get(f"BYLAW_TOKEN_{name.upper()}", "") for name in ACTORS}
    absent = [f"BYLAW_TOKEN_{name.upper()}" for name, token in found.items() if not token]
    if absent:
        raise SystemExit(f"not set: {', '.join(absent)}; see examples/README.md")
    return found


def main() -> None:
    """Play the story against running servers."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--url", default=os.environ.get("BYLAW_URL", "http://127.0.0.1:8000"))
    parser.add_argument("--ci", default=os.environ.get("BYLAW_CI_URL", "http://127.0.0.1:8010"))
    chosen = parser.parse_args()
    try:
        asyncio.run(play(chosen.url, chosen.ci, tokens()))
    except Unexpected as problem:
        raise SystemExit(f"not as told: {problem}") from None


if __name__ == "__main__":
    main()
