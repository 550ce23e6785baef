"""Documents of files, remembered, and rebuilt from what was stored."""

import hashlib
import json

from bylaw.base.place import Place
from bylaw.load.document import DocumentCache, document_of, load_documents
from bylaw.load.house import SourceFile

POLICY = """\
kind: policy
name: {name}
applies: {{actions: [git.push]}}
rules:
  - {{name: one, effect: {effect}}}
"""


def source(number: int, *, effect: str = "deny") -> SourceFile:
    content = POLICY.format(name=f"p{number}", effect=effect).encode()
    return SourceFile(
        path=f"rules/p{number:04}.yaml",
        content=content,
        digest=hashlib.sha256(content).hexdigest(),
    )


def test_a_document_knows_its_kind_name_and_place() -> None:
    text = b"# yaml-language-server: $schema=x\nkind: event\nname: git.pushed\n"

    (document,) = load_documents(text, file="rules/e.yaml").documents

    assert (document.ref, document.place) == ("event/git.pushed", Place("rules/e.yaml", 2, 1))


def test_layout_and_comments_take_no_part_in_the_digest() -> None:
    (one,) = load_documents(b"kind: event\nname: a\nwho: [ci]\n", file="a.yaml").documents
    (two,) = load_documents(b"{kind: event, name: 'a',\n who: [ci]} # x", file="b.yaml").documents

    assert one.digest == two.digest


def test_a_document_with_a_problem_is_none() -> None:
    loaded = load_documents(b"kind: event\nname: a\n---\nkind: event\nnmae: b\n", file="a.yaml")

    assert [document.name for document in loaded.documents] == ["a"]
    assert [problem.place.line for problem in loaded.problems] == [5]


def test_a_stored_document_is_the_same_again() -> None:
    (first,) = load_documents(source(1).content, file="rules/p.yaml").documents

    again = document_of(json.loads(json.dumps(first.plain())), file="stored")

    assert (again.ref, again.digest, again.plain()) == (first.ref, first.digest, first.plain())
    assert again.root.index["rules"].place == Place("stored", 1, 1)


def test_one_broken_file_among_a_thousand_yields_just_what_is_wrong_in_it() -> None:
    files = [source(number) for number in range(999)] + [source(999, effect="forbid")]

    loaded = DocumentCache().load(files)

    assert len(loaded.documents) == 999
    assert [str(problem.place) for problem in loaded.problems] == ["rules/p0999.yaml:5:25"]


def test_what_did_not_change_is_not_loaded_again() -> None:
    cache = DocumentCache()
    before = cache.load([source(1), source(2)]).documents

    after = cache.load([source(1), source(2, effect="warn")]).documents

    assert after[0] is before[0]
    assert after[1].digest != before[1].digest


def test_files_that_are_gone_are_forgotten() -> None:
    cache = DocumentCache()
    (before,) = cache.load([source(1)]).documents
    cache.load([])

    (after,) = cache.load([source(1)]).documents

    assert after is not before


def test_the_same_content_in_another_file_has_its_own_places() -> None:
    cache = DocumentCache()
    one = source(1)
    moved = SourceFile(path="rules/moved.yaml", content=one.content, digest=one.digest)

    documents = cache.load([one, moved]).documents

    assert [document.file for document in documents] == ["rules/p0001.yaml", "rules/moved.yaml"]


def test_no_message_shows_a_secret() -> None:
    text = """\
kind: server
name: s
bylaw: 1
actors:
  ana: {kind: human, token: 12345678}
secrets:
  CI_TOKEN: hunter2 #3 rest
  NPM_TOKEN: [hunter2]
store: {url: [hunter2]}
---
secrets:
  CI_TOKEN: hunter2: more
"""

    loaded = load_documents(text.encode(), file="bylaw.yaml")

    said = "\n".join(str(problem) for problem in loaded.problems)
    assert len(loaded.problems) == 5
    assert not [word for word in ("hunter2", "12345678", "rest") if word in said]
