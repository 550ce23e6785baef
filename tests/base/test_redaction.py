"""Redaction: what is masked, what is left alone, and what always holds."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bylaw.base.detector import DETECTORS
from bylaw.base.redaction import MARKER, SIGNS, Redactor

# Put together here, so that no scanner takes this file for a leak.
AWS = "AKIA" + "IOSFODNN7EXAMPLE"
GITHUB = "ghp_" + "a1B2" * 9
GITHUB_FINE = "github_pat_" + "11ABCDEFG0" * 5
SLACK = "xox" + "b-123456789012-abcdefABCDEF"
STRIPE = "sk_" + "live_" + "4eC39HqLyjWDarjtT1zdp7dc"
OPENAI = "sk-" + "proj-" + "T3BlbkFJ" * 5
ANTHROPIC = "sk-" + "ant-api03-" + "Ab3_" * 20
GOOGLE = "AIza" + "SyA-1234567890abcdefghijklmnopqrstu"
JWT = "eyJ" + "hbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbmEifQ.c2lnbmF0dXJlLW9mLWFuYQ"
PEM_BODY = "MIIEpAIBAAKCAQEA7bq+/x\nq7Zk9cP0dQ=="
PEM = f"-----BEGIN RSA PRIVATE KEY-----\n{PEM_BODY}\n-----END RSA PRIVATE KEY-----"
TOKENS = (AWS, GITHUB, GITHUB_FINE, SLACK, STRIPE, OPENAI, ANTHROPIC, GOOGLE, JWT)
KNOWN = "correct horse battery"
QUOTED = 'p"a\\ss/w&rd%'

REDACTOR = Redactor([KNOWN, QUOTED, "48151623", "short"], b"salt")

TYPED = (
    ("aws-key", AWS),
    ("github-token", GITHUB),
    ("github-token", GITHUB_FINE),
    ("slack-token", SLACK),
    ("stripe-key", STRIPE),
    ("llm-key", OPENAI),
    ("llm-key", ANTHROPIC),
    ("google-key", GOOGLE),
    ("jwt", JWT),
    ("private-key", PEM),
    ("known-values", KNOWN),
)

# A text, and the part of it that must go.
IN_CONTEXT = (
    ("postgres://bylaw:hunter2@db/bylaw", "hunter2"),
    ("redis://:hun@ter2@cache:6379/0", "hun@ter2"),
    ("curl -H 'Authorization: Bearer abc-def-123'", "abc-def-123"),
    ('curl -H "Authorization: Basic YW5hOmh1bnRlcjI="', "YW5hOmh1bnRlcjI="),
    ("sent with Bearer 0123456789abcdef", "0123456789abcdef"),
    ("BYLAW_TOKEN_ALICE=hunter2", "hunter2"),
    ("export DB_PASSWORD='hun ter2' && run", "hun ter2"),
    ("https://ci.example/run?branch=x&access_token=hunter2&n=1", "hunter2"),
    ("password=hun&ter;2", "hun&ter;2"),
    ("deploy --api-key hunter2 --force", "hunter2"),
    ("deploy --password=hunter2", "hunter2"),
    ('{"client_secret": "hunter2", "n": 1}', "hunter2"),
    (json.dumps(json.dumps({"apiKey": 'hun"ter2'})), "ter2"),
    ("user: ana\npassword: hunter2\nhost: db", "hunter2"),
    ("Cookie: sid=hunter2; theme=dark\r\nAccept: */*", "hunter2"),
    ("X-Api-Key: hunter2\r\n", "hunter2"),
    (PEM.replace("\n", "\\n"), "MIIEpAIBAAKCAQEA7bq"),
    (PEM.rpartition("-----END")[0], "q7Zk9cP0dQ=="),
    (json.dumps({"note": QUOTED}), json.dumps(QUOTED)[1:-1]),
    ("https://ci.example/p%22a%5Css%2Fw%26rd%25/x", "p%22a%5Css%2Fw%26rd%25"),
    (f"password={KNOWN}", "battery"),
)

HARMLESS = (
    "the token is checked before the secret review of the password policy",
    "Ask for a token: it is sent once.",
    "3f2a9c1e8b7d6f5a4c3b2a1908f7e6d5c4b3a291",
    "123e4567-e89b-12d3-a456-426614174000",
    "task-force for risk-assessment-of-everything-we-have-built",
    "sk-learn-compatible-estimators are welcome",
    "https://localhost:8000/@scope/package",
    "ssh://git@github.com:acme/web",
    "bearer of responsibilities, authorization and keys",
    "token=$CI_TOKEN password=${DB_PASSWORD} secret=<secret>",
    "max_tokens=512&token_count=17&next_page_token=abc",
    "token == 'abc' and password != other",
    "password=None, token=null",
    "eyJust a word, eyJ.a.b and www.example.com",
    "code-review:acme/web@feature/login",
    "asia-east1 and AKIA are regions and prefixes",
    "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
    "short",
)


@pytest.mark.parametrize(("sort", "secret"), TYPED)
def test_secret_is_masked_whole_and_named_by_its_sort(sort: str, secret: str) -> None:
    redacted = REDACTOR.text(f"before ({secret}), after")

    assert redacted.startswith(f"before ([REDACTED:{sort}:")
    assert redacted.endswith("]), after")


@pytest.mark.parametrize(("text", "secret"), IN_CONTEXT)
def test_secret_is_masked_where_its_surroundings_give_it_away(text: str, secret: str) -> None:
    redacted = REDACTOR.text(text)

    assert secret not in redacted
    assert MARKER.search(redacted)
    assert REDACTOR.text(redacted) == redacted


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_text_is_left_alone(text: str) -> None:
    assert REDACTOR.text(text) == text


def test_only_the_secret_is_masked_not_what_stands_around_it() -> None:
    assert MARKER.sub("…", REDACTOR.text("GET /x?token=abc123&page=2")) == "GET /x?token=…&page=2"


def test_same_secret_has_the_same_hash_in_every_place() -> None:
    in_text = MARKER.search(REDACTOR.text(f"use {GITHUB} here"))
    in_field = REDACTOR.value({"password": GITHUB})["password"]

    assert in_text is not None
    assert in_text[0][-9:] == in_field[-9:]


def test_hash_depends_on_the_salt() -> None:
    assert REDACTOR.text(GITHUB) != Redactor([], b"other").text(GITHUB)


def test_overlapping_secrets_leave_no_end_of_either() -> None:
    redactor = Redactor(["alphabeta", "betagamma"], b"salt")

    assert MARKER.sub("…", redactor.text("<alphabetagamma>")) == "<…>"


def test_secret_that_a_masked_neighbour_uncovers_is_masked_too() -> None:
    assert MARKER.sub("…", REDACTOR.text(f"{KNOWN}{OPENAI}")) == "……"


@pytest.mark.parametrize(
    "name",
    ["password", "apiKey", "API_KEY", "X-Auth-Token", "client_secret", "CI_TOKEN", "authToken"],
)
def test_field_named_like_a_secret_is_masked(name: str) -> None:
    assert MARKER.fullmatch(REDACTOR.value({name: "plain words"})[name])


@pytest.mark.parametrize(
    "name",
    ["token_count", "maxTokens", "password_policy", "idempotency_key", "author", "public_key"],
)
def test_field_that_only_sounds_like_a_secret_is_left_alone(name: str) -> None:
    record = {name: "plain words"}

    assert REDACTOR.value(record) is record


def test_everything_below_a_holder_of_secrets_is_masked() -> None:
    redacted = REDACTOR.value({"secrets": {"ci": "abc", "more": ["def"]}})

    assert MARKER.fullmatch(redacted["secrets"]["ci"])
    assert MARKER.fullmatch(redacted["secrets"]["more"][0])


def test_description_of_a_secret_parameter_is_left_alone() -> None:
    schema = {"properties": {"password": {"type": "string", "description": "Yours."}}}

    assert REDACTOR.value(schema) is schema


def test_numbers_are_masked_where_they_are_known_or_named_like_a_secret() -> None:
    redacted = REDACTOR.value({"pins": [48151623, 7], "password": 12345, "ok": True, "none": None})

    assert MARKER.fullmatch(redacted["pins"][0])
    assert MARKER.fullmatch(redacted["password"])
    assert (redacted["pins"][1], redacted["ok"], redacted["none"]) == (7, True, None)


def test_secret_in_a_key_is_masked() -> None:
    (key,) = REDACTOR.value({GITHUB: 1})

    assert MARKER.fullmatch(key)


def test_clean_record_is_returned_as_it_is() -> None:
    record = {"action": "code-review.merge", "params": {"n": [1, 2.5, None, True, ("a",)]}}

    assert REDACTOR.value(record) is record


def test_every_hint_of_a_detector_has_a_sign_that_lets_it_be_seen() -> None:
    hints = [hint for detector in DETECTORS for hint in detector.hints]

    unseen = [
        hint
        for hint in hints
        if not any(word in hint and any(c in hint for c in SIGNS[word]) for word in SIGNS)
    ]

    assert unseen == []


ALPHABET = "abcXYZ019 _-.:=/@&;'\"\\\n{}[]$"
PIECES = st.one_of(
    st.text(ALPHABET, max_size=12),
    st.sampled_from(
        [
            *TOKENS,
            PEM,
            KNOWN,
            QUOTED,
            "password=",
            '"token": "',
            "Bearer ",
            "://u:",
            "@",
            "eyJ",
            "sk-",
        ]
    ),
    st.sampled_from([*HARMLESS, "Authorization: Basic ", "--api-key ", "[REDACTED:jwt:0123abcd]"]),
)
TEXTS = st.lists(PIECES, max_size=8).map("".join)
NAMES = st.one_of(st.text("abc_", max_size=6), st.sampled_from(["password", "secrets", "token"]))
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(TEXTS, st.integers(), st.booleans(), st.none(), st.floats(allow_nan=False)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(NAMES, inner, max_size=4)
    ),
    max_leaves=8,
)


@given(VALUES)
@settings(max_examples=200, deadline=None)
def test_redacting_twice_changes_nothing(value: Any) -> None:
    once = REDACTOR.value(value)

    assert REDACTOR.value(once) == once


@given(TEXTS, TEXTS, st.sampled_from([*TOKENS[:6], GOOGLE, KNOWN, QUOTED]))
@settings(max_examples=200, deadline=None)
def test_no_planted_secret_survives(before: str, after: str, secret: str) -> None:
    redacted = REDACTOR.text(f"{before} {secret} {after}")

    assert secret not in redacted


@given(TEXTS | st.sampled_from([json.dumps(QUOTED), json.dumps(json.dumps(QUOTED))]))
@settings(max_examples=200, deadline=None)
def test_text_in_a_record_is_masked_as_it_is_by_itself(text: str) -> None:
    assert REDACTOR.value({"a": [text]}) == {"a": [REDACTOR.text(text)]}


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shape(below) for key, below in value.items()}
    if isinstance(value, list):
        return [_shape(item) for item in value]
    return "leaf"


@given(VALUES)
@settings(max_examples=200, deadline=None)
def test_shape_of_a_value_is_kept(value: Any) -> None:
    assert _shape(REDACTOR.value(value)) == _shape(value)
