"""Patients with unmistakable names, and senders that put them everywhere: whatever of it comes to light is found.

Canaries of four kinds: IDENTITY (name, identifier), HOSTILE (whatever a refused request held), TEXT (free text of a
fact) and SENDER (names that a sender gives to itself and its things).
"""

import itertools
import json
import re
import socket
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx

from shared.contracts.v1.facts import FREE_TEXT
from tests.contracts.golden import EXAMPLES, example
from tests.hostile_json import SECRET, body_routes, hostile

ANY = ("IDENTITY", "HOSTILE", "TEXT", "SENDER")
_numbers = itertools.count(1)
# What is there to be read back by whoever may: pages and labels name patients, the feed carries what was recorded.
_READ_BACK = re.compile(r"/v1/treatments/(labels|[^/]+/events)$|/v1/audit/events|^/$|^/treatments/")


def canary(kind: str) -> str:
    """A word that stands nowhere else."""
    return f"Kanari{kind}{next(_numbers)}"


def found(text: bytes | str, kinds: Iterable[str]) -> list[str]:
    """The canaries of these kinds in a text; the refused secret of tests.hostile_json counts as HOSTILE."""
    plain = text if isinstance(text, str) else text.decode("utf-8", "replace")
    secrets = [SECRET] if "HOSTILE" in kinds and SECRET in plain else []
    return secrets + re.findall(rf"kanari(?:{'|'.join(kinds)})\d+", plain, re.IGNORECASE)


class Senders:
    """Sends everything to both services; `leaks` are answers that gave something back, `accepted` counts the rest."""

    def __init__(self, course: str, monitoring: str) -> None:
        self._course = httpx.Client(base_url=course, timeout=60)
        self._monitoring = httpx.Client(base_url=monitoring, timeout=60)
        self.leaks: list[str] = []
        self.accepted = self.refused = 0

    def __enter__(self) -> "Senders":
        return self

    def __exit__(self, *_: object) -> None:
        self._course.close()
        self._monitoring.close()

    def send_all(self, *, hostile_bodies: bool = True) -> None:
        treatments = [self._open(zone) for zone in ("Europe/Berlin", "America/New_York")]
        for name in EXAMPLES:
            self._fact(treatments[0], name)
        self._unknown_and_contradicted(treatments[1])
        for client in (self._course, self._monitoring):
            if hostile_bodies:
                self._bodies(client, treatments[0])
            self._addresses(client, treatments[0])
            _noise(str(client.base_url))

    def _open(self, zone: str) -> str:
        body = {
            "identifier": {"system": canary("IDENTITY"), "value": canary("IDENTITY")},
            "zone": zone,
            "label": canary("IDENTITY"),
        }
        treatment = str(self._ask(self._course, "POST", "/v1/treatments", json=body).json()["treatment"])
        self._ask(self._course, "POST", "/v1/treatments", json={**body, "label": canary("IDENTITY")})
        self._ask(self._course, "POST", "/v1/treatments/lookup", json={"identifier": body["identifier"]})
        self._ask(self._course, "POST", "/v1/treatments/labels", json={"treatments": [treatment]})
        for page in ("/", f"/treatments/{treatment}"):
            self._ask(self._monitoring, "GET", page)
        return treatment

    def _fact(self, treatment: str, name: str) -> None:
        said = json.loads(example(name))
        if said["type"] == "TreatmentOpened":
            return
        body = {key: said[key] for key in ("type", "occurred_at", "occurred_on", "zone", "corrects") if said[key]}
        body |= {"source": canary("SENDER"), "author": canary("SENDER"), "message_id": canary("SENDER")}
        body["business_id"] = {"system": canary("SENDER"), "value": canary("SENDER")}
        body["data"] = _with_canaries(said["data"])
        self._ask(self._course, "POST", f"/v1/treatments/{treatment}/events", json=body)

    def _unknown_and_contradicted(self, treatment: str) -> None:
        body = {
            "type": "DeathRecorded",
            "occurred_on": "2024-05-01",
            "source": canary("SENDER"),
            "author": canary("SENDER"),
            "message_id": canary("SENDER"),
            "data": {},
        }
        whose = {"system": canary("IDENTITY"), "value": canary("IDENTITY")}
        self._ask(self._course, "POST", "/v1/events", json=[{**body, "identifier": whose}])
        for year in ("2023", "2024"):
            again = {**body, "message_id": body["author"], "occurred_on": year}
            self._ask(self._course, "POST", f"/v1/treatments/{treatment}/events", json=again)
        for item in self._course.get("/v1/quarantine").json()["items"]:
            self._ask(self._course, "POST", f"/v1/quarantine/{item['quarantine_id']}/redrive")

    def _bodies(self, client: httpx.Client, treatment: str) -> None:
        for route in body_routes(client.get("/openapi.json").json()):
            if route.path == "/v1/clock":
                continue
            for sent in hostile(route.example, route.media_type):
                headers = {"content-type": sent.media_type} if sent.media_type else {}
                path = re.sub(r"{\w+}", treatment, route.path)
                self._ask(client, route.method, path, content=sent.content, headers=headers)

    def _addresses(self, client: httpx.Client, treatment: str) -> None:
        """Canaries in every part of a path, query and header, and in the method.

        A parameter's name is no secret: problems point at it, as they do at the fields of a body.
        """
        for path, operations in client.get("/openapi.json").json()["paths"].items():
            # A stream that is not refused would never end.
            if "get" not in operations or path.endswith("/stream"):
                continue
            self._ask(client, "GET", re.sub(r"{\w+}", lambda _: canary("HOSTILE"), path))
            plain = re.sub(r"{\w+}", treatment, path)
            self._ask(client, "GET", plain, params={"colour": canary("HOSTILE")})
            for asked in operations["get"].get("parameters", []):
                if asked["in"] == "query":
                    self._ask(client, "GET", plain, params={asked["name"]: canary("HOSTILE")})
            self._ask(client, canary("HOSTILE"), plain)
        self._ask(client, "GET", f"/v1/obligations/stream?colour={canary('HOSTILE')}")
        self._ask(client, "GET", f"/{canary('HOSTILE')}/{canary('HOSTILE')}?{canary('HOSTILE')}#x")
        named = ("Coursewatch-Sender", "Idempotency-Key", "traceparent", "Last-Event-ID", "User-Agent", "Accept")
        named += (
            "Authorization",
            "Cookie",
            "If-None-Match",
            "Content-Type",
            "X-Forwarded-For",
            "Referer",
            "tracestate",
        )
        for name in named:
            self._ask(client, "GET", "/readyz", headers={name: canary("HOSTILE")})
            posted = f"/v1/treatments/{treatment}/events"
            body = {"type": canary("HOSTILE"), "source": "x", "author": "x", "data": {}}
            self._ask(client, "POST", posted, json=body, headers={name: canary("HOSTILE")})

    def _ask(self, client: httpx.Client, method: str, path: str, **how: Any) -> httpx.Response:
        answer = client.request(method, path, **how)
        self.accepted += answer.is_success
        self.refused += answer.is_client_error
        heads = json.dumps(dict(answer.headers))
        hidden = not (answer.is_success and _READ_BACK.search(urlsplit(path).path))
        for what in [heads, answer.text] if hidden else [heads]:
            for word in found(what, ANY):
                self.leaks.append(f"{method} to {urlsplit(path).path.split('Kanari')[0]}… answered with {word}")
        return answer


def _with_canaries(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _with_canaries(part, key) for key, part in value.items()}
    if isinstance(value, list):
        return [_with_canaries(part, name) for part in value]
    if name in FREE_TEXT and isinstance(value, str):
        return canary("TEXT")
    return canary("SENDER") if name in {"specimen_id", "lot", "to", "from", "product", "panel"} else value


def _noise(url: str) -> None:
    """What is no HTTP at all, or too much of it."""
    host, port = urlsplit(url).hostname, urlsplit(url).port
    for sent in _broken_requests():
        with socket.create_connection((host, port), timeout=5) as connection:
            try:
                connection.sendall(sent)
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass
            except OSError:
                continue


def _broken_requests() -> Iterator[bytes]:
    yield f"{canary('HOSTILE')}\r\n\r\n".encode()
    yield f"GET /{canary('HOSTILE')} HTTP/9.9\r\nHost: {canary('HOSTILE')}\r\n\r\n".encode()
    yield f"GET / HTTP/1.1\r\n{canary('HOSTILE')} {canary('HOSTILE')}\r\n\r\n".encode()
    yield b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + canary("HOSTILE").encode() * 20_000 + b"\r\n\r\n"
    yield f"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n{canary('HOSTILE')}".encode()
    yield f"POST /v1/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{canary('HOSTILE')}\r\n".encode()
