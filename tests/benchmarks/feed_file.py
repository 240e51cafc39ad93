"""python -m tests.benchmarks.feed_file FILE PORT: the course service's feed, read from a file of items, one a line.

A log of any length costs this server little: a page is a stretch of the file with commas for line ends.
"""

import sys
from array import array
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec


class FeedFile:
    """Positions 1..n are the lines of the file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._starts = array("q", [0])
        last = b"{}"
        with path.open("rb") as lines:
            for line in lines:
                last = line
                self._starts.append(self._starts[-1] + len(line))
        self.head = len(self._starts) - 1
        self._through = msgspec.json.decode(last).get("recorded_at")

    def page(self, after: int, limit: int) -> bytes:
        end = min(self.head, after + limit)
        with self._path.open("rb") as lines:
            lines.seek(self._starts[after])
            stretch = lines.read(self._starts[end] - self._starts[after]).rstrip(b"\n").replace(b"\n", b",")
        rest = msgspec.json.encode({"next_after": end, "head": self.head, "recorded_through": self._through})
        return b'{"events":[' + stretch + b"]," + rest[1:]


def main() -> None:
    feed = FeedFile(Path(sys.argv[1]))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            query = {name: int(values[0]) for name, values in parse_qs(urlsplit(self.path).query).items()}
            body = feed.page(query["after"], query["limit"])
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()


if __name__ == "__main__":
    main()
