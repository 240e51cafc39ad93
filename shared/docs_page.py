"""A page that shows an OpenAPI document without loading anything from elsewhere (FastAPI's own asks a CDN)."""

import json
from html import escape
from typing import Any

_HEAD = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>:root{{color-scheme:light dark}}body{{font:16px/1.5 system-ui;max-width:60rem;margin:2rem
auto;padding:0 1rem}}code,pre{{font:14px/1.4 ui-monospace,monospace}}pre{{overflow:auto;padding:.5rem;border:1px solid}}
summary{{cursor:pointer}}</style><h1>{title}</h1><p>The whole document, with all schemas:
<a href="/openapi.json">/openapi.json</a></p>"""


def docs_page(document: dict[str, Any]) -> str:
    """The routes of an OpenAPI document as HTML: method, path, what it does, parameters, an example of the body."""
    parts = [_HEAD.format(title=escape(document["info"]["title"]))]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            said = operation.get("description") or operation.get("summary", "")
            parts.append(f"<details><summary><code>{method.upper()} {escape(path)}</code> — {escape(said)}</summary>")
            if scope := operation.get("x-coursewatch-scope"):
                parts.append(f"<p>Scope: <code>{escape(scope)}</code></p>")
            for parameter in operation.get("parameters", []):
                text = escape(parameter.get("description", ""))
                parts.append(f"<p><code>{escape(parameter['name'])}</code> ({parameter['in']}) {text}</p>")
            for kind, content in operation.get("requestBody", {}).get("content", {}).items():
                example = escape(json.dumps(content.get("example"), indent=1, ensure_ascii=False))
                parts.append(f"<p>Body, <code>{escape(kind)}</code>:</p><pre>{example}</pre>")
            parts.append("</details>")
    return "\n".join(parts)
