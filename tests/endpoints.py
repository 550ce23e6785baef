"""Houses with endpoints, for tests that ask at them."""

from pathlib import Path

from tests.running import copy_of_shipped

ENDPOINTS = """
endpoints:
  review:
    path: /review/mcp
    tools: ["code-review.*", event.tests.finished]
    title: Reviews
    instructions: Only reviews of code.
  reading: {path: /policy/mcp, tools: [gateway], access: user_ro}
  records: {path: /records/mcp, tools: ["context.*"], prefix: shared}
  git: {path: /git/mcp, tools: [git.tag, git.push], prefix: git}
  loose: {path: /loose/mcp, tools: [git.tag], without: [commits-and-tags]}
"""


def with_endpoints(folder: Path, said: str = ENDPOINTS) -> Path:
    """Return a copy of the shipped house with more endpoints."""
    root = copy_of_shipped(folder)
    save_endpoints(root, said)
    return root


def save_endpoints(root: Path, said: str) -> None:
    """Save other endpoints in a house; everything else stays."""
    file = root / "bylaw.yaml"
    file.write_text(file.read_text().partition("\nendpoints:")[0].rstrip("\n") + "\n" + said)
