"""The docs page: the OpenAPI document as one plain page that needs no network."""

import json
from html import escape

from bylaw.base.plain import Plain, Record

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "code,pre{font:14px/1.5 ui-monospace,monospace;background:#8882;border-radius:4px}"
    "code{padding:0 .3em}pre{padding:.7em;overflow:auto}"
    "table{border-collapse:collapse}td,th{padding:.2rem 1rem .2rem 0;text-align:left;"
    "vertical-align:top}h2{margin-top:2.5rem}:root{color-scheme:light dark}"
)


def page(document: Record) -> str:
    """Return the page of an OpenAPI document."""
    info = document["info"]
    title = f"{escape(info['title'])} {escape(info['version'])}"
    parts = [
        section(method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style><h1>{title}</h1><p>{escape(info['description'])}</p>"
        '<p>Whole, for tools: <a href="/openapi.json">/openapi.json</a>.</p>'
        f"{''.join(parts)}</html>"
    )


def section(method: str, path: str, operation: Record) -> str:
    """Return what the page says of one route."""
    head = f"<h2><code>{method.upper()} {escape(path)}</code></h2>"
    about = (
        f"<p><b>{escape(operation['summary'])}</b> {escape(operation.get('description', ''))}</p>"
    )
    return head + about + table(rows(operation)) + example(method, path, operation)


def rows(operation: Record) -> list[tuple[str, str, Plain]]:
    """Return the arguments of a route: name, where it stands, and its schema."""
    found = [
        (one["name"], one["in"], one.get("schema") or one["content"]["application/json"]["schema"])
        for one in operation.get("parameters", ())
    ]
    body = body_of(operation)
    needed = body.get("required", ())
    for name, schema in body.get("properties", {}).items():
        found.append((name, "body, required" if name in needed else "body", schema))
    return found


def body_of(operation: Record) -> Record:
    """Return the schema of a route's body, empty if it takes none."""
    content = operation.get("requestBody", {}).get("content", {})
    schema: Record = content.get("application/json", {}).get("schema", {})
    return schema


def table(found: list[tuple[str, str, Plain]]) -> str:
    """Return the arguments as a table."""
    if not found:
        return ""
    lines = "".join(
        f"<tr><td><code>{escape(name)}</code><td>{escape(str(schema.get('type', 'any')))}"
        f"<td>{escape(where)}<td>{escape(schema.get('description', ''))}"
        for name, where, schema in found
    )
    return f"<table>{lines}</table>"


def example(method: str, path: str, operation: Record) -> str:
    """Return a call to copy."""
    if method == "get":
        return f"<pre>curl -s http://127.0.0.1:8000{escape(path)}</pre>"
    body = {name: f"<{name}>" for name in body_of(operation).get("required", ())}
    said = f"-H 'Content-Type: application/json' -d '{json.dumps(body)}'"
    return f"<pre>{escape(f'curl -s http://127.0.0.1:8000{path} {said}')}</pre>"
