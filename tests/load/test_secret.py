"""What stands written out in `bylaw.yaml` is hidden; a reference to the environment is not."""

import pytest

from bylaw.load.secret import hide_secrets

REFERENCES = {
    "kind": "server",
    "name": "acme",
    "store": {"url": "${BYLAW_STORE_URL:-sqlite:///.bylaw/bylaw.db}"},
    "actors": {"ana": {"kind": "human", "token": "${TOKEN_ANA:-}"}, "bob": {"kind": "human"}},
    "secrets": {"CI": "Bearer ${CI_TOKEN}", "NONE": ""},
}


def test_references_are_no_secrets() -> None:
    assert hide_secrets("server", REFERENCES) == (REFERENCES, ())


def test_content_of_other_kinds_is_left_alone() -> None:
    content = {"kind": "policy", "name": "secrets", "secrets": {"KEY": "hunter2"}}
    assert hide_secrets("policy", content) == (content, ())


def test_what_is_written_out_is_hidden_and_named() -> None:
    content = {
        "kind": "server",
        "store": {"url": "postgresql://ann:hunter2@db/bylaw"},
        "actors": {"ana": {"kind": "human", "token": "letmein"}},
        "secrets": {"KEY": "hunter2", "OTHER": "${OTHER:-hunter2}", "NUMBER": 12345678},
    }

    hidden, found = hide_secrets("server", content)

    assert found == (
        "secrets.KEY",
        "secrets.OTHER",
        "secrets.NUMBER",
        "actors.ana.token",
        "store.url",
    )
    assert "hunter2" not in str(hidden)
    assert "letmein" not in str(hidden)
    assert hidden["store"]["url"] == "postgresql://ann:(hidden)@db/bylaw"


@pytest.mark.parametrize(
    ("url", "is_hidden"),
    [
        ("postgresql://ann@db/bylaw", False),
        ("postgresql://ann:${PASSWORD}@db/bylaw", False),
        ("postgresql://${USER}:${PASSWORD}@db/bylaw?ssl=true", False),
        ("postgresql://ann:${PASSWORD:-hunter2}@db/bylaw", True),
        ("${URL:-postgresql://ann:hunter2@db/bylaw}", True),
        ("postgresql://db/bylaw?user=ann&password=hunter2", True),
        ("postgresql://ann:p@ss:hunter2@db/bylaw", True),
        ("sqlite:///.bylaw/bylaw.db", False),
    ],
)
def test_password_of_the_store_is_found(url: str, *, is_hidden: bool) -> None:
    hidden, found = hide_secrets("server", {"kind": "server", "store": {"url": url}})

    assert bool(found) is is_hidden
    assert "hunter2" not in str(hidden)
