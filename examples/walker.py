"""A scripted agent that knows nothing of this house, and walks its workflows to a good end.

It is told a goal in words and what it would know of its world (a branch, a version, what was
learned). All else it takes from the descriptions of the tools and from answers: which actions
there are, what they take, what to do instead of what is refused, and for whom it has to wait. The
others (reviewers, security, whoever is on call) are agents of the same kind with tokens of their
own. If none of them finds anything to do, the answers were at fault: it prints how far it came,
and leaves with 1.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastmcp import Client
from rs_bpe.bpe import openai

Answer = dict[str, Any]
Facts = Mapping[str, Any]

MOST_CALLS = 200
WAIT_S = 5
PATIENCE = 8
TOKENIZER = openai.o200k_base()
# The little that it knows of English: what a step away from a goal sounds like, and a bad end.
AWAY = frozenset({"back", "stop", "up", "drop", "cancel", "nobody", "undo", "somebody", "holds"})
BAD = frozenset({"aborted", "up", "dropped", "failed", "cancelled", "rejected", "nobody"})


class Stuck(Exception):
    """Nobody finds anything to do, though the goal is not reached."""


def words(text: str) -> set[str]:
    """Return the words of a text."""
    return set("".join(c if c.isalpha() else " " for c in text.lower()).split())


@dataclass(kw_only=True)
class Agent:
    """Somebody who calls the tools; `world` is what it knows of its own, by name."""

    name: str
    client: Client[Any]
    world: Facts
    say: Callable[[str], None]
    facts: Facts = field(default_factory=dict)
    tools: dict[str, set[str]] = field(default_factory=dict)
    tried: dict[str, int] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    known: dict[str, Answer] = field(default_factory=dict)
    calls: int = 0
    tokens: int = 0

    async def read_tools(self) -> None:
        """Read what tools there are, as every client does before the first call."""
        listed = await self.client.list_tools()
        self.tools = {tool.name: set(tool.input_schema["properties"]) for tool in listed}
        wire = [tool.model_dump(by_alias=True, exclude_none=True) for tool in listed]
        count = TOKENIZER.count(json.dumps(wire, separators=(",", ":")))
        self.say(f"{self.name:>7}  reads {len(wire)} tools, {count} tokens")

    async def call(self, tool: str, **arguments: Any) -> Answer:
        """Call a tool, and say what was answered and how many tokens that is to read."""
        self.calls += 1
        if self.calls > MOST_CALLS:
            raise Stuck(f"{self.name} made {MOST_CALLS} calls")
        if self.facts and "facts" in self.tools[tool]:
            arguments = {**arguments, "facts": dict(self.facts)}
        result = await self.client.call_tool(tool, arguments, raise_on_error=False)
        answer: Answer = dict(result.structured_content or {})
        count = TOKENIZER.count(json.dumps(answer, separators=(",", ":"), ensure_ascii=False))
        self.tokens += count
        self.say(f"{self.name:>7}  {tool} {json.dumps(arguments)}")
        self.say(f"         {answer['summary']}  [{count} tokens]")
        return answer

    async def start(self, workflow: str) -> str:
        """Find out how the workflow is started, and start it; say which instance it is."""
        listed = await self.call("get_available_actions", filter=f"{workflow}.*")
        for one in listed.get("actions", []):
            if "instance" not in one and "instances" not in one:
                done = await self.do(await self.described(one["action"]))
                return str(done.get("instance", ""))
        return ""

    async def turn(self, instance: str) -> bool:
        """Do one thing that brings the instance on; say whether there was one."""
        stand = await self.call("get_workflow_state", instance=instance)
        blocked = [one["action"] for one in stand.get("blocked", [])]
        for name in (*stand.get("actions", []), *blocked):
            here = f"{name} in {stand['state']}"
            if self.is_new(here, stand["version"]) and await self.attempt(name, instance, here):
                return True
        return False

    def is_new(self, here: str, version: int) -> bool:
        """Say whether it was not done there yet, nor tried as it stands; remember that it is."""
        new = here not in self.done and self.tried.get(here) != version
        self.tried[here] = version
        return new

    async def attempt(self, action: str, instance: str, here: str) -> bool:
        """Do an action that sounds like a step towards the end, or what its refusal advises.

        After advice that was taken the action itself is still to be done, once things have moved.
        """
        described = await self.described(action)
        if not described["ok"] or words(described["summary"]) & AWAY:
            return False
        done = await self.do(described, instance)
        if not done["ok"]:
            return await self.heed(done)
        self.done.add(here)
        return True

    async def described(self, action: str) -> Answer:
        """Return what is said of an action; it is asked for once."""
        if action not in self.known:
            self.known[action] = await self.call("get_available_actions", action=action)
        return self.known[action]

    async def do(self, described: Answer, instance: str = "") -> Answer:
        """Make the call that the description of an action shows, with what is meant filled in."""
        example = described["example"]
        arguments = {**example["arguments"], "params": dict(self.filled(described["schema"]))}
        if instance and instance.startswith(arguments["action"].split(".")[0]):
            arguments["instance"] = instance
        return await self.call(example["tool"], **arguments)

    async def heed(self, answer: Answer) -> bool:
        """Take the advice of an answer, the first that can be taken; say whether there was one."""
        for advice in answer.get("next", []):
            self.say(f"         advice: {advice.get('why') or advice.get('say')}")
            if "command" in advice:
                self.say(f"         would run: {advice['command']}")
            if "tool" in advice and await self.take(advice):
                return True
        return False

    async def take(self, advice: Answer) -> bool:
        """Make the call that an answer names; where it describes an action, do that action."""
        arguments = advice["arguments"]
        if advice["tool"] != "get_available_actions" or "action" not in arguments:
            answer = await self.call(advice["tool"], **arguments)
            return bool(answer["ok"]) and advice["tool"] == "run_action"
        described = await self.described(arguments["action"])
        return bool(described["ok"] and (await self.do(described))["ok"])

    def filled(self, schema: Answer) -> Iterator[tuple[str, Any]]:
        """Yield a value for each param that is known or needed."""
        for name, about in schema.get("properties", {}).items():
            if name in self.world and fits(self.world[name], about):
                yield name, self.world[name]
            elif name in schema.get("required", []):
                yield name, made_up(name, about)


def fits(value: Any, about: Answer) -> bool:
    """Say whether what is known of the world can be meant by a param."""
    return value in about["enum"] if "enum" in about else True


def made_up(name: str, about: Answer) -> Any:
    """Return a value that a param takes, of what its schema says alone."""
    if "enum" in about:
        return about["enum"][0]
    if about.get("type") in ("integer", "number"):
        return about.get("minimum", 1)
    if about.get("type") == "boolean":
        return False
    text = f"{about.get('description') or name} As it was agreed."
    return text.ljust(about.get("minLength", 0), ".")[: about.get("maxLength", 500)]


@dataclass(kw_only=True)
class Walk:
    """A goal, and the agents that share it; the first who can starts."""

    workflow: str
    agents: list[Agent]
    say: Callable[[str], None]
    instance: str = ""

    async def play(self) -> Answer:
        """Walk to the end, and return where it stands there."""
        self.say(f"\nThe goal: workflow `{self.workflow}` to a final good state.")
        for agent in self.agents:
            await agent.read_tools()
        for agent in self.agents:
            self.instance = self.instance or await agent.start(self.workflow)
        if not self.instance:
            raise Stuck(f"nobody could start `{self.workflow}`")
        while not (stand := await self.look()).get("closed"):
            moved = [await agent.turn(self.instance) for agent in self.agents]
            if not any(moved):
                await self.wait(stand["version"])
        return self.judged(stand)

    async def look(self, **waiting: int) -> Answer:
        """Look where it stands, as whoever may."""
        for agent in self.agents:
            stand = await agent.call("get_workflow_state", instance=self.instance, **waiting)
            if stand["ok"]:
                return stand
        raise Stuck(f"nobody may look at {self.instance}")

    async def wait(self, before: int) -> None:
        """Wait until something else moves it; if nothing is under way, it is stuck."""
        patience = PATIENCE
        while True:
            stand = await self.look(wait_s=WAIT_S, since_version=before)
            if stand["version"] > before:
                return
            patience -= 1
            if not patience or not stand.get("waiting"):
                raise Stuck(f"{stand['summary']} {stand.get('about', '')}")

    def judged(self, stand: Answer) -> Answer:
        """Say whether the end is a good one, and what the walk has cost to read."""
        if words(f"{stand['state']} {stand.get('about', '')}") & BAD:
            raise Stuck(f"{stand['summary']} {stand.get('about', '')}")
        calls = sum(agent.calls for agent in self.agents)
        tokens = sum(agent.tokens for agent in self.agents)
        self.say(f"\n{stand['summary']} {calls} calls, {tokens} tokens of answers.")
        return stand
