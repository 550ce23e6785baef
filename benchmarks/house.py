"""Houses to measure on, made here."""

from datetime import UTC, datetime

from benchmarks.policy import Job
from bylaw.compile.house import Compiler, Origin
from bylaw.load.document import load_documents
from bylaw.model.document import Document
from bylaw.model.snapshot import Snapshot

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
ORIGIN = Origin(environ={}, git_commit=None, now=NOW)
SERVER = "bylaw: 1\nkind: server\nname: bench\nroles: [dev, lead]\n"
ACCESS = "---\nkind: access\nname: all\ndescription: Everything.\nallow: ['*']\n"


def text(every: tuple[Job, ...]) -> str:
    """Return a house with two rules for each action, as YAML."""
    return SERVER + ACCESS + "".join(job_text(job) for job in every)


def job_text(job: Job, about: str = "A job.") -> str:
    """Return one action and its policy of two rules."""
    return f"""---
kind: action
name: {job.name}
description: {about}
params:
  branch: {{type: string}}
  role: {{type: string}}
  amount: {{type: integer}}
---
kind: policy
name: {job.name.replace(".", "-")}
description: Two rules.
applies: {{actions: [{job.name}]}}
rules:
  - name: small
    when: >-
      params.role in ["dev", "lead"] and params.branch != "main" and params.amount <= {job.limit}
    effect: allow
  - name: large
    when: params.branch == "release" and params.amount > {job.limit}
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
