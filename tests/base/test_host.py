"""Hosts of addresses, and which of them may be called."""

import pytest

from bylaw.base.host import host_of, may_call


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://ci.acme.example/runs", "ci.acme.example"),
        ("http://LOCALHOST:8010", "localhost:8010"),
        ("https://ci.acme.example?x=1", "ci.acme.example"),
        ("http://[::1]:8000/x", "[::1]:8000"),
    ],
)
def test_the_host_of_an_address(url: str, host: str) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize(
    "url",
    [
        "ftp://ci.acme.example/",
        "//ci.acme.example/",
        "https://user@ci.acme.example/",
        "https://ci.acme.example:80@evil.example/",
        "https://ci.acme.example\\@evil.example/",
        "https:///runs",
        "javascript:alert(1)",
        "",
    ],
)
def test_an_address_that_could_be_read_in_two_ways_has_no_host(url: str) -> None:
    assert host_of(url) is None


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("ci.acme.example", "ci.acme.example"),
        ("ci.acme.example:8443", "ci.acme.example"),
        ("localhost:8010", "localhost:8010"),
        ("ci.acme.example", "*.acme.example"),
        ("[::1]:8000", "[::1]"),
    ],
)
def test_a_host_may_be_called(host: str, allowed: str) -> None:
    assert may_call(host, [allowed])


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("ci.acme.example.evil.example", "ci.acme.example"),
        ("localhost:8011", "localhost:8010"),
        ("acme.example", "*.acme.example"),
        ("evil-acme.example", "*.acme.example"),
        ("localhost", "localhost:8010"),
    ],
)
def test_a_host_may_not_be_called(host: str, allowed: str) -> None:
    assert not may_call(host, [allowed])
