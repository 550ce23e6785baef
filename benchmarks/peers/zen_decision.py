"""zen-engine: a decision table for each action, found by its key in a static loader."""

import zen

from benchmarks.peers.peer import Decide, Peer
from benchmarks.policy import Job, Request, Verdict


def load(every: tuple[Job, ...]) -> Decide:
    """Give the engine all tables; it compiles them once."""
    content = {job.name: graph(job) for job in every}
    engine = zen.ZenEngine({"loader": {"type": "static", "content": content}})

    def asked(request: Request) -> Verdict:
        result = engine.evaluate(request["action"], request)["result"]
        return result["effect"] if result else "none"

    return asked


def graph(job: Job) -> dict[str, object]:
    """Return a graph with one table; the first row that fits decides."""
    place = {"x": 0, "y": 0}
    return {
        "contentType": "application/vnd.gorules.decision",
        "nodes": [
            {"id": "in", "name": "in", "type": "inputNode", "position": place},
            {
                "id": "table",
                "name": "table",
                "type": "decisionTableNode",
                "position": place,
                "content": table(job),
            },
            {"id": "out", "name": "out", "type": "outputNode", "position": place},
        ],
        "edges": [
            {"id": "1", "sourceId": "in", "targetId": "table", "type": "edge"},
            {"id": "2", "sourceId": "table", "targetId": "out", "type": "edge"},
        ],
    }


def table(job: Job) -> dict[str, object]:
    """Return the two rules as rows."""
    fields = {"r": "role", "b": "branch", "m": "amount"}
    outputs = {"e": "effect", "u": "rule"}
    large = {"r": "", "b": '"release"', "m": f"> {job.limit}", "e": '"deny"', "u": '"large"'}
    small = {
        "r": '"dev","lead"',
        "b": '$ != "main"',
        "m": f"<= {job.limit}",
        "e": '"allow"',
        "u": '"small"',
    }
    return {
        "hitPolicy": "first",
        "inputs": [{"id": key, "name": name, "field": name} for key, name in fields.items()],
        "outputs": [{"id": key, "name": name, "field": name} for key, name in outputs.items()],
        "rules": [{"_id": "large", **large}, {"_id": "small", **small}],
    }


PEER = Peer(name="zen-engine, a table for each action", load=load, gives_rules=True)
