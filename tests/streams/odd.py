"""Makes byte streams that no server should send: odd JSON in every known field, odd framing, mutations."""

import functools
import itertools
from random import Random

from streams.offline import corpus

USUAL = 0.72
"""How often a field has a value of its own kind."""

ODD = (
    b"null", b"true", b"false", b"0", b"1", b"-1", b"-0.0", b"2", b"1.5", b"1e400", b"-1e400", b"NaN",
    b"Infinity", b"-Infinity", b"9223372036854775808", b"1" + b"0" * 40, b'""', b'"a"',
    b'" "', b'"\\ud83d"', b'"\\ude00"', b'"\\ud83dx\\ude00"', b'"\xff\xfe"', b'"\\u0000"', b'"\xe2\x80\xa8"',
    b'"<think>"', b'"</think>"', b'"stop"', b'"error"', b'"null"', b'"[DONE]"', b"[]", b"{}", b"[null]",
    b"[[]]", b"[{}]", b'{"":null}', b'{"\\ud83d":"\\ud83d"}', b'{"a":NaN}', b'[1,"a",null,{"b":[]}]',
    b'{"error":{"message":"no"}}', b'{"message":null}', b'{"text":"t"}', b'{"usage":1}', b'"1e999"', b'"inf"',
    b'"NaN"', b'"retry in 9 s"',
)  # fmt: skip
"""Values of any kind, as JSON and as what is nearly JSON."""

LARGE = (
    b"1" + b"0" * 5000, b"[" * 150 + b"]" * 150, b'{"error":' * 180 + b"1" + b"}" * 180,
    b"[" * 900 + b"]" * 900, b'{"error":' * 900 + b"1" + b"}" * 900, b"[" * 3000 + b"]" * 3000,
)  # fmt: skip
"""Longer or deeper than readers of JSON like; seldom, because it is slow."""

_TEXTS = (
    b'"Hello"', b'" w\xc3\xb6rld"', b'"\\ud83d"', b'"\\ude00"', b'"<thi"', b'"nk>a"', b'"b</th"', b'"ink>"',
    b'"\xf0\x9f\x98\x80"', b'"\\n"', b'""', b"null",
)  # fmt: skip
_ARGUMENTS = (
    b'"{\\"city\\":"', b'"\\"Paris\\"}"', b'"{}"', b'"{\\"days\\":NaN,\\"city\\":\\"\\\\ud83d\\"}"', b'""',
    b'"[1,2]"', b'"}{"', b'"{\\"tz\\":1e999}"', b'"\\ud83d"', b'{"city":"Rome"}', b"null",
    b'"{\\"city\\":\\"x\\",\\"days\\":\\"\\ude00\\"}"',
)  # fmt: skip
_COUNTS = (b"0", b"3", b"17", b"100", b"null", b"2.0")
_PLACES = (b"0", b"0", b"0", b"1", b"2", b"null", b"99999999999999999999")
_MONEY = (b"0.001", b"0", b'"0.25"', b"1e-7", b"37756000")
_SPEECH = (b'"AAEC"', b'"AA"', b'"E="', b'"!"', b'"hi"', b"1700000000")


class OddStreams:
    """Byte streams by a seed: the same seed gives the same bytes.

    Args:
        seed: Chooses the stream.
    """

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self._choice = self.random.choice
        self._chance = self.random.random

    def stream(self) -> bytes:
        """One body."""
        kind = self._chance()
        if kind < 0.72:
            return self._events()
        if kind < 0.95:
            return self._mutated(self._choice(_SMALL))
        return b"".join(self._choice(_TOKENS) for _ in range(self.random.randrange(1, 20)))

    def pieces(self, data: bytes) -> list[bytes]:
        """`data` as socket reads."""
        if self._chance() < 0.7:
            return [data]
        cuts = sorted(self.random.randrange(len(data) + 1) for _ in range(self.random.randrange(1, 5)))
        places = [0, *cuts, len(data)]
        return [data[a:b] for a, b in itertools.pairwise(places)]

    # Values

    def _value(self, *usual: bytes) -> bytes:
        if self._chance() < USUAL:
            return self._choice(usual)
        return self._choice(LARGE) if self._chance() < 0.003 else self._choice(ODD)

    def _object(self, *fields: tuple[bytes, bytes], keep: float = 0.4) -> bytes:
        kept = [b'"%b":%b' % field for field in fields if self._chance() < keep]
        if self._chance() < 0.05:
            kept.append(b'"%b":%b' % (self._choice((b"x", b"", b"\\ud83d", b"id")), self._choice(ODD)))
        return b"{" + b",".join(kept) + b"}"

    def _usage(self) -> bytes:
        count = self._value
        return self._object(
            (b"prompt_tokens", count(*_COUNTS)),
            (b"completion_tokens", count(*_COUNTS)),
            (b"total_tokens", count(*_COUNTS)),
            (b"prompt_tokens_details", count(b'{"cached_tokens":2}', b'{"audio_tokens":1}')),
            (b"completion_tokens_details", count(b'{"reasoning_tokens":2}')),
            (b"cost", count(*_MONEY)),
            (b"cost_in_usd_ticks", count(*_MONEY)) if self._chance() < 0.1 else (b"is_byok", b"true"),
            (b"cost_details", count(b'{"upstream_inference_cost":0.5}')),
            keep=0.6,
        )

    def _tool(self) -> bytes:
        function = self._object(
            (b"name", self._value(b'"get_weather"', b'"get_time"', b'"unknown"')),
            (b"arguments", self._value(*_ARGUMENTS)),
            keep=0.7,
        )
        return self._object(
            (b"index", self._value(*_PLACES)),
            (b"id", self._value(b'"k1"', b'"k2"')),
            (b"type", self._value(b'"function"')),
            (b"function", function),
            keep=0.75,
        )

    def _delta(self) -> bytes:
        value, chance = self._value, self._chance
        fields = [(b"content", value(*_TEXTS))]
        if chance() < 0.3:
            fields.append((b"role", value(b'"assistant"')))
        if chance() < 0.2:
            fields.append((b"reasoning_content", value(*_TEXTS)))
            fields.append((b"reasoning", value(*_TEXTS)))
        if chance() < 0.2:
            details = value(
                b'[{"type":"reasoning.text","text":"t"}]', b'[{"data":NaN},{"summary":"\\ud83d"}]'
            )
            fields.append((b"reasoning_details", details))
            fields.append((b"refusal", value(*_TEXTS)))
        if chance() < 0.25:
            calls = b"[" + b",".join(self._tool() for _ in range(self.random.randrange(3))) + b"]"
            fields.append((b"tool_calls", value(calls)))
            fields.append((b"function_call", value(b'{"name":"get_time","arguments":"{}"}')))
        if chance() < 0.2:
            audio = self._object(
                (b"id", value(b'"au"')), (b"data", value(*_SPEECH)), (b"transcript", value(*_SPEECH)),
                (b"expires_at", value(*_SPEECH)), keep=0.7,
            )  # fmt: skip
            fields.append((b"audio", value(audio)))
            fields.append((b"content", value(b'[{"type":"text","text":"p"},{"thinking":[{"text":"t"}]}]')))
        return self._object(*fields, keep=0.75)

    def _choices(self) -> bytes:
        made: list[bytes] = []
        for _ in range(self.random.choice((0, 1, 1, 1, 1, 2))):
            fields = [(b"index", self._value(*_PLACES)), (b"delta", self._value(self._delta()))]
            if self._chance() < 0.3:
                fields.append(
                    (b"finish_reason", self._value(b'"stop"', b'"length"', b'"tool_calls"', b'"x"'))
                )
            if self._chance() < 0.1:
                fields.append((b"message", self._value(self._delta())))
                fields.append((b"text", self._value(*_TEXTS)))
                fields.append((b"error", self._value(b"null", b'{"message":"m"}')))
            if self._chance() < 0.1:
                fields.append(
                    (b"logprobs", self._value(b'{"content":[{"token":"\\ud83d","logprob":-1e999}]}'))
                )
                fields.append((b"usage", self._usage()))
            made.append(self._object(*fields, keep=0.9))
        return b"[" + b",".join(made) + b"]"

    def chunk(self) -> bytes:
        """One chunk's JSON."""
        value = self._value
        fields = [(b"choices", value(self._choices()))]
        if self._chance() < 0.5:
            fields.append((b"id", value(b'"c1"', b'""', b"7")))
            fields.append((b"model", value(b'"m"', b'"gpt-4o"', b'"\\ud83d"')))
            fields.append((b"created", value(b"1700000000", b'"now"')))
        if self._chance() < 0.2:
            fields.append((b"usage", value(self._usage())))
            fields.append((b"system_fingerprint", value(b'"fp"')))
            fields.append(
                (b"timings", value(b'{"prompt_n":3,"predicted_n":2,"cache_n":1}', b'{"prompt_n":NaN}'))
            )
        if self._chance() < 0.05:
            fields.append((b"error", self._error()))
            fields.append((b"x_groq", value(b'{"usage":{"total_tokens":1}}', b'{"error":"e"}')))
        return self._object(*fields, keep=0.85)

    def _error(self) -> bytes:
        value = self._value
        fields = [
            (name, value(b'"words"', b'"sk-test-0123456789"', b'"try again in 5 m"'))
            for name in (b"message", b"code", b"type", b"detail", b"param")
        ]
        return value(self._object(*fields), b'"words"', b'["a","b"]', b'[{"msg":"m","loc":["body","x"]}]')

    # Framing

    def _events(self) -> bytes:
        end = self._choice((b"\n\n", b"\n\n", b"\n\n", b"\r\n\r\n", b"\r\r", b"\n", b""))
        body = bytearray(b"\xef\xbb\xbf" if self._chance() < 0.05 else b"")
        for _ in range(self.random.choice((1, 1, 1, 2, 2, 3, 5))):
            kind = self._chance()
            if kind < 0.6:
                body += b"data: " + self._choice(_ready_chunks()) + end
            elif kind < 0.9:
                body += b"data: " + self.chunk() + end
            elif kind < 0.96:
                body += self._choice(_FIELDS) + self._choice(ODD) + end
            else:
                body += self.chunk() + end
        if self._chance() < 0.5:
            body += b"data: [DONE]\n\n"
        return self._mutated(bytes(body)) if self._chance() < 0.15 else bytes(body)

    def _mutated(self, data: bytes) -> bytes:
        body = bytearray(data)
        for _ in range(self.random.randrange(1, 6)):
            at = self.random.randrange(len(body) + 1)
            kind = self._chance()
            if kind < 0.25:
                body[at : at + self.random.randrange(1, 9)] = self._choice(_TOKENS)
            elif kind < 0.45:
                body[at:at] = self._choice(ODD)
            elif kind < 0.6:
                body[at : at + 1] = bytes((self.random.randrange(256),))
            elif kind < 0.75:
                del body[at : at + self.random.randrange(1, 40)]
            elif kind < 0.9:
                body[at:at] = body[max(0, at - self.random.randrange(1, 60)) : at]
            else:
                del body[at:]
        return bytes(body)


@functools.cache
def _ready_chunks() -> list[bytes]:
    """Chunks that are made once: making each anew would take longer than reading it."""
    maker = OddStreams(0)
    return [maker.chunk() for _ in range(3_000)]


_FIELDS = (
    b"data: ", b"data:", b"event: error\ndata: ", b"event: ping\ndata: ", b"error: ", b": ", b"id: ", b"x: ",
    b"",
)  # fmt: skip
_TOKENS = (
    *_FIELDS, b"\n", b"\r", b"\r\n", b"\n\n", b"data", b"data: [DONE]\n\n", b"[DONE]", b'{"choices":[', b"]}",
    b'"', b"\\", b",", b":", b"{", b"}", b"[", b"]", b'"delta":{"content":"x"}', b'"finish_reason":"stop"',
    b"\x00", b"\xff", b"\xef\xbb\xbf", b"<html><title>t</title></html>", b"\\ud83d", b"NaN",
)  # fmt: skip
_SMALL = [data for data in corpus().values() if 0 < len(data) <= 1_200]
