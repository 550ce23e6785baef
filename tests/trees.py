"""The documents of a text, as the engine reads them."""

from bylaw.base.node import Mapping
from bylaw.base.problem import Problem, sort_problems
from bylaw.load.yaml import read_trees


def parse_documents(text: bytes, *, file: str) -> tuple[tuple[Mapping, ...], tuple[Problem, ...]]:
    """Return the documents of a file that YAML reads without a problem, and all problems."""
    parsed, problems = read_trees(text, file=file)
    good = tuple(doc.root for doc in parsed if doc.root is not None and not doc.problems)
    found = [problem for doc in parsed for problem in doc.problems]
    return good, sort_problems([*problems, *found])
