"""What of a request's body is a secret, and what is not though a name is like one."""

import pytest

from ostream_compare.domain.body_secrets import MASK, secrets_of, with_secrets, without_secrets

FOUND = [
    (
        {"vault": {"password": "S3cr3t-päss", "secret_key": "hunter2hunter2"}},
        ["S3cr3t-päss", "hunter2hunter2"],
    ),
    ({"a": [{"b": [{"api_key": "deep-1234"}]}]}, ["deep-1234"]),
    ({"api_keys": ["first-123", "second-123", 7]}, ["first-123", "second-123"]),
    ({"refresh_token": "ref-12345", "id_token": "idt-12345"}, ["ref-12345", "idt-12345"]),
    ({"github_token": "ghp-12345", "botToken": "bot-12345"}, ["ghp-12345", "bot-12345"]),
    (
        {"pwd": "pwd-12345", "db_pwd": "pwd-67890", "clientSecret": "cli-12345"},
        ["pwd-12345", "pwd-67890", "cli-12345"],
    ),
    ({"mcp_servers": [{"url": "https://a.example", "authorization_token": "mcp-12345"}]}, ["mcp-12345"]),
    ({"tools": [{"type": "mcp", "headers": {"X-Api-Key": "mcp-67890"}}]}, ["mcp-67890"]),
    ({"headers": {"Authorization": "Bearer tok-12345"}}, ["Bearer tok-12345", "tok-12345"]),
    ({"credentials": {"aws": {"key": "key-12345", "region": "us-east-1"}}}, ["key-12345"]),
    ({"api_key": {"value": "val-12345", "kind": "permanent"}}, ["val-12345"]),
    ({"credentials": [{"user": "some-user", "secretAccessKey": "sak-12345"}]}, ["sak-12345"]),
    ({"password": "correcthorse"}, ["correcthorse"]),
    ({"password": "password", "secret": "complete"}, ['"password"', '"complete"']),
    ({"APIKey": "api-12345", "AWS_SECRET_ACCESS_KEY": "aws-12345"}, ["api-12345", "aws-12345"]),
    ({"startSessionToken": "ses-12345", "secret_pin": "pin-12345"}, ["ses-12345", "pin-12345"]),
]
NOT_FOUND = [
    {"credentials": {"provider": "anthropic", "region": "us-east-1"}},
    {"tools": [{"function": {"parameters": {"properties": {
        "password": {"title": "Password", "type": "string", "format": "password", "default": "change-me-1"},
        "secret": {"key": "some-words", "description": "The secret of it"},
    }, "required": ["password", "api_token"], "dependentRequired": {"password": ["user-name"]}}}}]},
    {"response_format": {"json_schema": {"schema": {"$defs": {"Login": {"password": "is-no-schema"}}}}}},
    {"stop_token": "end-of-text", "eos_token": "</s> and more", "think_end_token": "no-more-thinking"},
    {"image_token": "image-goes-here", "padToken": "pad-pad-pad", "max_tokens": "12345678"},
    {"token": "some-token", "key": "some-key-1", "keyboard": "qwertz-de", "max_token": 12345678},
    {"token_type": "bearer-token", "password_policy": "at-least-8", "auth_token_format": "opaque-text"},
    {"password": "short-1"},
    {"secretary": "Miss Marple", "bypass": "ring-road-1", "compass": "north-west"},
    {"password": "secrecy"},
    {"secret": 12345678, "passwords": {"a": True, "b": None, "c": 1.5}},
    {"chat_token": "<|start_of_chat|>"},
    None,
    "api_key",
]  # fmt: skip


@pytest.mark.parametrize(("body", "secrets"), FOUND)
def test_secrets_stand_right_under_their_names(body, secrets):
    assert secrets_of({"extra_body": body}) == tuple(secrets)


@pytest.mark.parametrize("body", NOT_FOUND)
def test_words_of_schemas_models_and_everyday_are_no_secrets(body):
    assert secrets_of({"extra_body": body}) == ()


def test_headers_count_beside_the_body():
    params = {"extra_headers": {"X-Session": "ses-12345"}, "extra_body": {"password": "pas-12345"}}
    assert secrets_of(params) == ("ses-12345", "pas-12345")


BODY = {
    "vault": {"password": "hunter2", "user": "me", "empty": {"secret": ""}},
    "api_keys": ["a", 7, "b"],
    "servers": [{"url": "u", "auth_token": "t"}],
    "stop_token": "end",
}
TOLD = {
    "vault": {"password": MASK, "user": "me", "empty": {"secret": ""}},
    "api_keys": [MASK, 7, MASK],
    "servers": [{"url": "u", "auth_token": MASK}],
    "stop_token": "end",
}


def test_a_secret_of_any_length_is_left_out_and_put_back():
    assert without_secrets(BODY) == TOLD
    assert with_secrets(TOLD, BODY) == BODY


@pytest.mark.parametrize(
    ("known", "filled"),
    [
        (
            None,
            {"vault": {"user": "me", "empty": {"secret": ""}}, "api_keys": [7], "servers": [{"url": "u"}]},
        ),
        (
            {"vault": {"password": {"a": "table"}, "user": "you"}, "api_keys": ["x"], "servers": "none"},
            {
                "vault": {"user": "me", "empty": {"secret": ""}},
                "api_keys": ["x", 7],
                "servers": [{"url": "u"}],
            },
        ),
    ],
)
def test_what_is_known_no_more_is_left_out_and_the_rest_is_as_it_was(known, filled):
    assert with_secrets(TOLD, known) == {
        "vault": {"user": "me", "empty": {"secret": ""}},
        "servers": [{"url": "u"}],
        "stop_token": "end",
        **filled,
    }
