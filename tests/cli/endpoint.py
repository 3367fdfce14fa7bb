"""An endpoint on loopback that answers by path, and the command line to point at it."""

import json
import os

from cli.forking import forked
from loopback import Loopback, QuietHandler
from measuring import measured


class Endpoint(Loopback):
    """Answers GET by `routes`: a path to a status and a body; any other path is 404."""

    def __init__(self, routes):
        self.seen = []
        endpoint = self

        class Handler(QuietHandler):
            def do_GET(self):  # noqa: N802 - the name is the base class's
                endpoint.seen.append((self.path, dict(self.headers)))
                status, body = routes.get(self.path, (404, b"{}"))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except OSError:  # the client has seen enough
                    self.close_connection = True

        super().__init__(Handler)


def listing(*ids, **more):
    return json.dumps(
        {"object": "list", "data": [{"id": name, "object": "model"} for name in ids], **more}
    ).encode()


class Program:
    """The program in a home of its own."""

    def __init__(self, home):
        self.home = home

    def __call__(self, *arguments, **environ):
        own = {"HOME": str(self.home), "PATH": os.environ["PATH"], "TERM": "dumb", "LANG": "C.UTF-8"}
        return forked(arguments, own | measured() | environ, self.home)

    def file(self, text, name="models.toml"):
        (self.home / name).write_text(text)
        return name
