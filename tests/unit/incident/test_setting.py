"""Only what is on the list of settings is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident import setting

SECRET = [
    "DB_SALT",
    "PEPPER",
    "DATABASE_URL",
    "ORDERS_DSN",
    "SESSION",
    "COOKIE_SECRET",
    "SIGNING",
    "PRIVATE",
    "PASSPHRASE",
    "AUTH",
    "BEARER",
    "WEBHOOK_URL",
    "CONNECTION_STRING",
    "SMTP_URL",
    "AMQP_URL",
    "SENTRY_DSN",
    "LICENSE",
    "ENCRYPTION_IV",
    "KEYSTORE",
    "OTP_SEED",
    "MNEMONIC",
    "PASSWORD",
    "API_KEY",
    "GITHUB_TOKEN",
    "STRIPE_SK",
    "AWS_SECRET_ACCESS_KEY",
    "REDIS_URL",
    "JWT",
    "CERT",
    "HMAC",
    "TOTP",
    "PIN",
    "RECOVERY_CODES",
    "MASTER",
    "SHARED_ACCESS",
    "SLACK_HOOK",
    "PGPASSFILE",
    "HTPASSWD",
    "CREDS",
    "VAULT_ADDR",
    "KUBECONFIG",
    "SSH_IDENTITY",
    "GPG_HOME",
    "IV",
    "NONCE",
    "SEED",
    "K",
    "X_1",
    "GREETING",
    "SECRET_MODE",
    "TOKEN_LEVEL",
    "AUTH_ENV",
    "SESSION_DRIVER",
    "SIGNING_ALGORITHM",
    "PRIVATE_REGION",
    "LICENSE_TIER",
    "dbPepper",
    "sessionSalt",
]
VALUES = (
    "hunter2",
    "correct-horse-battery",
    "9f86d081884c7d65",
    "postgres://u:p@h/d",
    "Tr0ub4dor&3",
    "123456789012",
    "s3cr3t",
    "opensesame",
)

SHOWN = {
    "TIMEOUT_MS": "500",
    "CARD_TIMEOUT_MS": "5",
    "limit": "100",
    "poolSize": "10",
    "HTTP_MAX_RETRIES": "-1",
    "CACHE_TTL": "5m",
    "MEMORY_LIMIT": "512 MiB",
    "ERROR_RATIO": "0.05",
    "PORT": "8080",
    "LOG_LEVEL": "debug",
    "RETRY_POLICY": "exponential",
    "HOME_CURRENCY": "EUR",
    "DEFAULT_LANGUAGE": "de",
    "AWS_REGION": "eu-west-1",
    "TZ": "Europe/Berlin",
    "FEATURE_GIFT_NOTES": "1",
    "USE_CACHE": "off",
    "ADMIN_OPEN": "true",
    "SCHEMA_VERSION": "v2.1",
    "TOKEN_TTL_SECONDS": "300",
    "PASSWORD_MIN_LENGTH": "12",
    "SESSION_TIMEOUT": "30s",
    "ANYTHING": "",
}


@pytest.mark.parametrize("name", SECRET)
def test_the_value_of_a_setting_that_is_on_no_list_is_not_shown(name: str) -> None:
    assert [value for value in VALUES if setting.shown(name, value)] == []


@pytest.mark.parametrize("name", SHOWN)
def test_what_a_diagnosis_needs_is_shown(name: str) -> None:
    assert setting.shown(name, SHOWN[name])


@pytest.mark.parametrize("name", SHOWN)
@pytest.mark.parametrize(
    "value", ["hunter2", "p4ss word", "9f86d081884c7d65", "AKIAQ3EXAMPLE7EXAMPL", "x" * 40, "1\n2", "1; 2"]
)
def test_a_name_on_the_list_shows_no_value_of_another_form(name: str, value: str) -> None:
    assert not setting.shown(name, value)


@given(st.text(max_size=30), st.text(min_size=1, max_size=40))
def test_an_unknown_name_shows_nothing_but_a_switch(name: str, value: str) -> None:
    if setting.shown(f"{name}_PEPPER", value):
        raise AssertionError((name, value))


def test_a_secrets_name_shows_few_digits_only() -> None:
    """How long a token lives is no token; a number of nine digits might be one."""
    assert setting.shown("TOKEN_TTL_SECONDS", "86400")
    assert not setting.shown("TOKEN_TTL_SECONDS", "864000000")


@given(st.text(max_size=30))
def test_what_stands_for_a_hidden_value_is_known_again(digest: str) -> None:
    assert setting.is_hidden(setting.hidden("0123456789abcdef" * 4))
    assert setting.is_hidden(setting.MARK)
    assert setting.is_hidden(digest) == (digest == setting.MARK)
