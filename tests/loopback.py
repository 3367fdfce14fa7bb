"""An HTTP server on loopback, in a thread, for as long as a `with` block lasts."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from measuring import in_a_thread


class QuietHandler(BaseHTTPRequestHandler):
    """Says nothing on stderr."""

    def log_message(self, *args):
        pass


class Loopback:
    """Serves with `handler`; `origin` is its address."""

    def __init__(self, handler):
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=in_a_thread(lambda: self._server.serve_forever(0.02)))
        self.port = self._server.server_port
        self.origin = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
