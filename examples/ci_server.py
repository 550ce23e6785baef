"""A small stand-in for a CI system and a git host, so that the shipped house can be tried out.

It answers the `http` calls of the shipped actions and reports `git.pushed`, `tests.finished` and
`alert.fired` to Bylaw as the actor `ci`. It runs no tests, merges and deploys nothing: names
decide. A branch with `broken` in its name fails its tests, one with `conflict` cannot be merged;
of a repository with `broken` nothing is built, one with `copyleft` fails the check of licences,
one with `sick` fires an alert when it is deployed, one with `stuck` cannot be rolled back.
"""

import argparse
import hashlib
import http.client
import json
import os
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import urlsplit

Fields = dict[str, Any]
MAX_BODY_BYTES = 1_000_000
ATTEMPTS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A status and the JSON that goes with it."""

    status: int
    body: Fields


class Reporter:
    """Report events to Bylaw's REST, one after the other, in the order in which they happened."""

    def __init__(self, *, url: str, token: str, pause_s: float = 0.2) -> None:
        """Report to this server with this token."""
        self._url = url
        self._token = token
        self._pause_s = pause_s
        self._waiting: queue.Queue[Fields] = queue.Queue()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def report(self, event: str, params: Fields, *, report_id: str) -> None:
        """Send one event in the background; the id makes a repeated report harmless."""
        self._waiting.put({"event": event, "params": params, "id": report_id})

    def stop(self) -> None:
        """Report nothing more."""
        self._stopped.set()

    def _work(self) -> None:
        """Deliver what is waiting until stopped."""
        while not self._stopped.is_set():
            self._deliver(self._waiting.get())

    def _deliver(self, body: Fields) -> None:
        """Try until there is an answer; wait a little longer before every attempt."""
        for attempt in range(1, ATTEMPTS + 1):
            if self._stopped.wait(self._pause_s * attempt) or self._sent(body):
                return
        print(f"ci: gave up reporting {body['event']}: no answer from {self._url}", flush=True)

    def _sent(self, body: Fields) -> bool:
        """Send once, and say whether Bylaw answered for good."""
        try:
            status, text = post(f"{self._url}/event", body, token=self._token)
        except (OSError, http.client.HTTPException):
            return False
        print(f"ci: reported {body['event']}: {status} {text[:200]}", flush=True)
        return status not in (429, 503)


def post(url: str, body: Fields, *, token: str) -> tuple[int, str]:
    """Send JSON, and return the status and the text of the answer."""
    target = urlsplit(url)
    connection = http.client.HTTPConnection(target.netloc, timeout=10)
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    try:
        connection.request("POST", target.path, json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")
    finally:
        connection.close()


@dataclass(slots=True, kw_only=True)
class Ci:
    """What the stand-in remembers: heads of branches, runs, merges, builds, messages."""

    reporter: Reporter
    heads: dict[str, str] = field(default_factory=dict)
    runs: list[Fields] = field(default_factory=list)
    merges: dict[str, Fields] = field(default_factory=dict)
    notifications: list[Fields] = field(default_factory=list)
    pages: list[Fields] = field(default_factory=list)
    builds: dict[str, Fields] = field(default_factory=dict)
    deployments: list[Fields] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def push(self, sent: Fields) -> Answer:
        """Take a push, and report it."""
        repo, branch, commit = sent["repo"], sent["branch"], sent["commit"]
        self.heads[f"{repo}@{branch}"] = commit
        report_id = f"push-{repo}-{branch}-{commit}"
        params = {"repo": repo, "branch": branch, "commit": commit}
        self.reporter.report("git.pushed", params, report_id=report_id)
        return Answer(status=200, body={"head": commit})

    def run_tests(self, sent: Fields) -> Answer:
        """Start a run, whose result is reported a moment later."""
        commit = sent.get("commit") or self.heads.get(f"{sent['repo']}@{sent['branch']}")
        if commit is None:
            return refusal(404, f"no commit of {sent['branch']} is known; name one")
        number = str(len(self.runs) + 1)
        status = "failed" if "broken" in sent["branch"] else "passed"
        result = {"repo": sent["repo"], "branch": sent["branch"], "commit": commit}
        result["status"] = status
        self.runs.append(result | {"run": number})
        report_id = f"run-{number}-{commit}"
        self.reporter.report("tests.finished", result, report_id=report_id)
        return Answer(status=200, body={"run": number})

    def merge(self, sent: Fields) -> Answer:
        """Merge exactly the named commit, or say why not."""
        head = self.heads.get(f"{sent['repo']}@{sent['branch']}", sent["commit"])
        if head != sent["commit"]:
            return refusal(409, f"the head of {sent['branch']} is {head}, not {sent['commit']}")
        if "conflict" in sent["branch"]:
            return refusal(409, "conflict in a.py")
        merged = digest({name: sent[name] for name in ("repo", "branch", "commit", "into")})
        self.merges[merged] = sent
        return Answer(status=200, body={"merged": merged})

    def notify(self, sent: Fields) -> Answer:
        """Take a message, and print it instead of sending it."""
        self.notifications.append({"to": sent["to"], "text": sent["text"]})
        print(f"ci: to {sent['to']}: {sent['text']}", flush=True)
        return Answer(status=200, body={"id": str(len(self.notifications))})

    def page(self, sent: Fields) -> Answer:
        """Take a page, and print it instead of waking anybody."""
        self.pages.append({"to": sent["to"], "text": sent["text"]})
        print(f"ci: wake {sent['to']}: {sent['text']}", flush=True)
        return Answer(status=200, body={"id": str(len(self.pages))})

    def build(self, sent: Fields) -> Answer:
        """Build a version; the same one is the same build."""
        built = {"repo": sent["repo"], "version": sent["version"]}
        if "broken" in built["repo"]:
            return refusal(409, f"{built['repo']} {built['version']} does not compile")
        number = digest(built)
        self.builds[number] = built
        return Answer(status=200, body={"id": number})

    def check(self, sent: Fields) -> Answer:
        """Check a build."""
        built, suite = self.builds.get(sent["build"]), sent["suite"]
        if built is None:
            return refusal(404, f"there is no build {sent['build']}")
        if suite == "licences" and "copyleft" in built["repo"]:
            return refusal(409, "GPL found")
        return Answer(status=200, body={"id": f"{sent['build']}-{suite}"})

    def deploy(self, sent: Fields) -> Answer:
        """Give a build to a share of the users; if that makes them sick, report it."""
        built = self.builds.get(sent["build"])
        if built is None:
            return refusal(404, f"there is no build {sent['build']}")
        number = f"{sent['build']}-{sent['percent']}"
        if sent.get("dry_run"):
            return Answer(status=200, body={"id": f"{number}-dry"})
        self.deployments.append(built | {"percent": sent["percent"]})
        if "sick" in built["repo"]:
            alert = {"alert": f"errors-{number}", "severity": "sev2", "text": "More errors."}
            self.alert(built | alert)
        return Answer(status=200, body={"id": number})

    def roll_back(self, sent: Fields) -> Answer:
        """Bring back what ran before."""
        if "stuck" in sent["repo"]:
            return refusal(409, "the database is migrated already")
        self.deployments.append({"repo": sent["repo"], "rolled_back": True})
        return Answer(status=200, body={"id": str(len(self.deployments))})

    def alert(self, sent: Fields) -> Answer:
        """Report that a monitor fired."""
        names = ("alert", "repo", "severity", "text")
        params = {"version": sent.get("version", "")} | {name: sent[name] for name in names}
        report_id = f"alert-{digest(params)}"
        self.reporter.report("alert.fired", params, report_id=report_id)
        return Answer(status=200, body={"alert": sent["alert"]})

    def seen(self) -> Fields:
        """Return everything that is remembered, for a person who looks."""
        return {
            "heads": self.heads,
            "runs": self.runs,
            "merges": self.merges,
            "notifications": self.notifications,
            "pages": self.pages,
            "builds": self.builds,
            "deployments": self.deployments,
        }

    def answer(self, path: str, sent: Fields, *, key: str) -> Answer:
        """Answer one call; a call that comes again with its key gets the same answer."""
        routes: dict[str, Callable[[Fields], Answer]] = {
            "/pushes": self.push,
            "/runs": self.run_tests,
            "/merges": self.merge,
            "/notifications": self.notify,
            "/pages": self.page,
            "/builds": self.build,
            "/checks": self.check,
            "/deployments": self.deploy,
            "/rollbacks": self.roll_back,
            "/alerts": self.alert,
        }
        if path not in routes:
            return refusal(404, f"there is no {path}")
        with self.lock:
            if key not in self.answers:
                self.answers[key] = _checked(routes[path], sent)
            return self.answers[key] if key else self.answers.pop(key)


def _checked(route: Callable[[Fields], Answer], sent: Fields) -> Answer:
    """Call the route; name the field that was not sent."""
    try:
        return route(sent)
    except KeyError as absent:
        return refusal(422, f"{absent.args[0]} is missing")


def refusal(status: int, message: str) -> Answer:
    """Return an answer that says why not."""
    return Answer(status=status, body={"message": message})


def digest(fields: Fields) -> str:
    """Return a short name for these fields, as a git host would name a commit."""
    text = json.dumps(fields, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


class Server(ThreadingHTTPServer):
    """The HTTP server around one `Ci`."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], *, reporter: Reporter, token: str = "") -> None:
        """Listen at the address; ask callers for the token if one is given."""
        super().__init__(address, Handler)
        self.ci = Ci(reporter=reporter)
        self.token = token

    def server_close(self) -> None:
        """Stop listening and reporting."""
        self.ci.reporter.stop()
        super().server_close()


class Handler(BaseHTTPRequestHandler):
    """One call: read JSON, answer JSON."""

    @property
    def ours(self) -> Server:
        """Return the server that took the call."""
        return cast("Server", self.server)

    def do_GET(self) -> None:
        """Show what is remembered."""
        self._send(Answer(status=200, body=self.ours.ci.seen()))

    def do_POST(self) -> None:
        """Take a push, an alert, or a call of an action."""
        token = self.ours.token
        if token and self.headers["Authorization"] != f"Bearer {token}":
            self._send(refusal(401, "the token is not known"))
            return
        sent = self._sent()
        if sent is None:
            self._send(refusal(400, "the body is not a JSON object"))
            return
        key = self.headers.get("Idempotency-Key", "")
        self._send(self.ours.ci.answer(self.path, sent, key=key))

    def _sent(self) -> Fields | None:
        """Return the JSON object of the body, or nothing if it is not one."""
        length = min(int(self.headers.get("Content-Length", "0")), MAX_BODY_BYTES)
        try:
            sent = json.loads(self.rfile.read(length))
        except ValueError:
            return None
        return sent if isinstance(sent, dict) else None

    def _send(self, answer: Answer) -> None:
        """Write the answer."""
        content = json.dumps(answer.body).encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Print one line for each call."""
        print(f"ci: {format % args}", flush=True)


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=8010)
    parser.add_argument("--bylaw", default=os.environ.get("BYLAW_URL", "http://127.0.0.1:8000"))
    chosen = parser.parse_args()
    token = os.environ.get("BYLAW_TOKEN_CI", "")
    if not token:
        print("ci: BYLAW_TOKEN_CI is not set, so Bylaw will not believe the reports", flush=True)
    reporter = Reporter(url=chosen.bylaw, token=token)
    with opened(chosen.port, reporter) as server:
        print(f"ci: http://127.0.0.1:{chosen.port}, reporting to {chosen.bylaw}", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("ci: stopped", flush=True)


def opened(port: int, reporter: Reporter) -> Server:
    """Return a server that listens on this machine, or leave with the reason why there is none."""
    try:
        return Server(("127.0.0.1", port), reporter=reporter, token=os.environ.get("CI_TOKEN", ""))
    except OSError as problem:
        raise SystemExit(f"ci: port {port}: {problem.strerror}") from None


if __name__ == "__main__":
    main()
