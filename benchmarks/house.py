"""Houses to measure on: many rules, made here."""

from datetime import UTC, datetime

from bylaw.compile.house import Compiler, Origin
from bylaw.load.document import load_documents
from bylaw.model.document import Document
from bylaw.model.snapshot import Snapshot

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
ORIGIN = Origin(environ={}, git_commit=None, now=NOW)
SERVER = "bylaw: 1\nkind: server\nname: bench\nroles: [dev, lead]\n"
ACCESS = "---\nkind: access\nname: all\ndescription: Everything.\nallow: ['*']\n"


def text(rules: int) -> str:
    """Return a house with so many rules, two for each action, as YAML."""
    return SERVER + ACCESS + "".join(action_text(number) for number in range(rules // 2))


def action_text(number: int) -> str:
    """Return one action and its policy of two rules."""
    limit = number + 10
    return f"""---
kind: action
name: job.a{number}
description: A job.
params:
  branch: {{type: string}}
  role: {{type: string}}
  amount: {{type: integer}}
---
kind: policy
name: p{number}
description: Two rules.
applies: {{actions: [job.a{number}]}}
rules:
  - name: small
    when: >-
      params.role in ["dev", "lead"] and params.branch != "main" and params.amount <= {limit}
    effect: allow
  - name: large
    when: params.branch == "release" and params.amount > {limit}
    effect: deny
    message: Too much.
"""


def snapshot_of(content: str) -> Snapshot:
    """Return the snapshot of a house."""
    documents: list[Document] = []
    for number, part in enumerate(content.split("---\n")):
        loaded = load_documents(part.encode(), file=f"f{number}.yaml")
        assert not loaded.problems, loaded.problems[0]
        documents += loaded.documents
    compiled = Compiler().compile(tuple(documents), ORIGIN)
    assert compiled.snapshot is not None, compiled.problems[:3]
    return compiled.snapshot
