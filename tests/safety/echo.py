"""A server that says back the secrets that it was sent, in a way of its own for each model."""

import json

from loopback import Loopback, QuietHandler

SECRET_HEADERS = ("X-Gateway-Token", "X-Session")


def event(delta):
    """A piece of an answer, or its end."""
    choice = {"index": 0, "delta": delta or {}, "finish_reason": None if delta else "stop"}
    return f"data: {json.dumps({'choices': [choice]})}\n\n" + ("" if delta else "data: [DONE]\n\n")


class Echo(Loopback):
    """Answers POST by the model's name: `error`, `headers`, `broken`, `redirect`, `echo`, `answer`."""

    def __init__(self, elsewhere=None):
        self.seen = []
        echo = self

        class Handler(QuietHandler):
            def do_POST(self):  # noqa: N802 - the name is the base class's
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                echo.seen.append((self.path, dict(self.headers), body))
                sent = [self.headers.get(name, "") for name in ("Authorization", *SECRET_HEADERS)]
                asked = json.loads(body) if body.startswith(b"{") else {}
                sent.append(asked.get("vault", {}).get("password", ""))
                key = " ".join(value.removeprefix("Bearer ") for value in sent)
                model = asked.get("model", "")
                self.answer(model, key)

            do_GET = do_CONNECT = do_POST  # noqa: N815 - the names are the base class's

            def answer(self, model, key):
                if model == "headers":
                    self.reply(429, b"{}", ("Retry-After", key), ("X-Request-Id", key))
                elif model == "broken":
                    self.reply(200, f"data: {{{key}\n\n".encode(), ("Content-Type", "text/event-stream"))
                elif model == "redirect":
                    self.reply(307, b"", ("Location", f"{elsewhere}/v1/chat/completions?{key}"))
                elif model == "page":
                    self.reply(
                        502, f"<html><title>{key}</title></html>".encode(), ("Content-Type", "text/html")
                    )
                elif model in {"answer", "echo"}:
                    pieces = [key[at : at + 5] for at in range(0, len(key), 5)] if model == "echo" else []
                    deltas = [{"content": piece, "reasoning": piece} for piece in pieces]
                    body = "".join(map(event, [*deltas, {"content": " fine"}, None])).encode()
                    self.reply(200, body, ("Content-Type", "text/event-stream"))
                else:
                    error = {"error": {"message": f"wrong key {key}", "code": key, "type": key}}
                    self.reply(401, json.dumps(error).encode(), ("Content-Type", "application/json"))

            def reply(self, status, body, *headers):
                self.send_response(status)
                for name, value in (*headers, ("Content-Length", str(len(body)))):
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

        super().__init__(Handler)
