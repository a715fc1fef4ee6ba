"""Settings, from the environment only, and the refusal to start where they are missing, blank, padded or mixed up.

``load()`` fails closed: it returns settings that can be trusted, or raises ``Misconfigured`` with one sentence that
names the variable and the next move and never shows a value. Every variable is described in ``.env.example``.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class Misconfigured(Exception):  # noqa: N818 - reads as what it is
    """A setting that the integration refuses to start with.

    The message is the sentence for the person who starts it.
    """


class Environment(StrEnum):
    """Where the integration runs; only ``production`` moves real money."""

    PRODUCTION = "production"
    STAGING = "staging"
    DEVELOPMENT = "development"
    TEST = "test"


class Settings(BaseSettings):
    """Everything that can be set. Times in seconds, sizes in bytes."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=False, hide_input_in_errors=True)

    payments_environment: str = ""
    public_url: str = ""
    operator_token: SecretStr = SecretStr("")
    order_token_secret: SecretStr = SecretStr("")

    database_url: str = ""
    database_dir: str = ""
    database_pool_size: int = 8
    database_timeout_seconds: float = 5.0

    stripe_secret_key: SecretStr = SecretStr("")
    stripe_publishable_key: str = ""
    stripe_webhook_secrets: SecretStr = SecretStr("")
    stripe_account: str = ""
    stripe_api_base: str = ""
    stripe_timeout_seconds: float = 10.0
    stripe_max_network_retries: int = 2

    paypal_client_id: str = ""
    paypal_client_secret: SecretStr = SecretStr("")
    paypal_environment: str = ""
    paypal_webhook_ids: str = ""
    paypal_api_base: str = ""
    paypal_certificate_base: str = ""
    paypal_trust_roots: str = ""
    paypal_postback: str = "off"
    paypal_timeout_seconds: float = 10.0
    paypal_max_network_retries: int = 2

    square_access_token: SecretStr = SecretStr("")
    square_application_id: str = ""
    square_location_id: str = ""
    square_currency: str = ""
    square_environment: str = ""
    square_webhook_signature_keys: SecretStr = SecretStr("")
    square_webhook_url: str = ""
    square_api_base: str = ""
    square_timeout_seconds: float = 10.0
    square_max_network_retries: int = 2

    webhook_body_limit_bytes: int = 512 * 1024
    event_retry_seconds: float = 0.25
    event_max_attempts: int = 40
    worker_lease_seconds: float = 4.0
    worker_concurrency: int = 20
    janitor_interval_seconds: float = 30.0
    reconcile_interval_seconds: float = 900.0

    max_payments_per_order: int = 10
    max_declines_per_order: int = 10
    max_quantity: int = 100
    log_level: str = "info"

    @property
    def live(self) -> bool:
        """Whether real money moves."""
        return self.payments_environment == Environment.PRODUCTION

    @cached_property
    def webhook_secrets(self) -> tuple[str, ...]:
        """Every secret that a delivery may be signed with: two while one is being rolled."""
        return tuple(self.stripe_webhook_secrets.get_secret_value().split(","))

    @property
    def takes_stripe(self) -> bool:
        """Whether the shop offers Stripe: any of its settings is there, so all of them have to be."""
        return bool(
            self.stripe_secret_key.get_secret_value()
            or self.stripe_publishable_key
            or self.stripe_webhook_secrets.get_secret_value()
        )

    @property
    def takes_paypal(self) -> bool:
        """Whether the shop offers PayPal: any of its settings is there, so all of them have to be."""
        return bool(self.paypal_client_id or self.paypal_client_secret.get_secret_value() or self.paypal_webhook_ids)

    @cached_property
    def webhook_ids(self) -> tuple[str, ...]:
        """Ids of our webhooks at PayPal: two while one replaces the other."""
        return tuple(self.paypal_webhook_ids.split(","))

    @property
    def takes_square(self) -> bool:
        """Whether the shop offers Square: any of its settings is there, so all of them have to be."""
        return bool(
            self.square_access_token.get_secret_value()
            or self.square_application_id
            or self.square_location_id
            or self.square_webhook_signature_keys.get_secret_value()
        )

    @cached_property
    def square_signature_keys(self) -> tuple[str, ...]:
        """Every key that a delivery may be signed with: two while one is being rolled."""
        return tuple(self.square_webhook_signature_keys.get_secret_value().split(","))

    @property
    def square_notification_url(self) -> str:
        """Our webhook address as Square was told it, which is part of what Square signs."""
        return self.square_webhook_url or f"{self.public_url.rstrip('/')}/webhooks/square"

    def account_of(self, provider: str) -> str:
        """Our account at a provider, where its events carry one."""
        return self.stripe_account if provider == "stripe" else ""

    @cached_property
    def token_secret(self) -> bytes:
        """What order tokens are derived from."""
        own = self.order_token_secret.get_secret_value() or f"order tokens:{self.operator_token.get_secret_value()}"
        return own.encode()

    @cached_property
    def embedded_database_dir(self) -> Path:
        """Where the embedded database keeps its files."""
        return Path(self.database_dir or "~/.local/state/payment-reference/postgres").expanduser()


def load() -> Settings:
    """Read and check every setting; raises ``Misconfigured``."""
    settings = read()
    check(settings)
    return settings


def read() -> Settings:
    """Read the settings without asking whether they are complete: enough for a command that only needs the database."""
    try:
        return Settings()
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0]).upper()
        raise Misconfigured(f"{name} is not a number; write it as in .env.example.") from None


def check(settings: Settings) -> None:
    """Refuse what the integration must not start with."""
    _check_environment(settings)
    _check_urls(settings)
    _check_operator_token(settings)
    if settings.takes_stripe or not (settings.takes_paypal or settings.takes_square):
        _check_stripe_keys(settings)
        _check_webhook_secrets(settings)
    _check_paypal_detours(settings)
    if settings.takes_paypal:
        _check_paypal_credentials(settings)
        _check_paypal_webhooks(settings)
    _check_square_detours(settings)
    if settings.takes_square:
        _check_square_credentials(settings)
        _check_square_webhooks(settings)
    _check_numbers(settings)


def check_database_url(settings: Settings) -> None:
    """Refuse a database URL that is blank, padded or of another database."""
    if not settings.database_url:
        raise Misconfigured("DATABASE_URL is missing; start `database` and set it to the address that it prints.")
    _refuse_padding("DATABASE_URL", settings.database_url)
    if not settings.database_url.startswith(("postgresql://", "postgres://")):
        raise Misconfigured("DATABASE_URL must begin with postgresql://; the integration runs on PostgreSQL only.")


def _check_environment(settings: Settings) -> None:
    _refuse_blank(
        "PAYMENTS_ENVIRONMENT", settings.payments_environment, "set it to production, staging, development or test"
    )
    if settings.payments_environment not in set(Environment):
        raise Misconfigured("PAYMENTS_ENVIRONMENT must be production, staging, development or test.")


def _check_urls(settings: Settings) -> None:
    _refuse_blank("PUBLIC_URL", settings.public_url, "set it to the address that shoppers come back to")
    public = urlsplit(settings.public_url)
    if (
        public.scheme not in {"http", "https"}
        or not public.hostname
        or public.query
        or public.fragment
        or public.username
    ):
        raise Misconfigured("PUBLIC_URL must be a plain http(s) address, such as https://shop.example.")
    if settings.live and public.scheme != "https":
        raise Misconfigured("PUBLIC_URL must begin with https:// in production.")
    if settings.database_url:
        check_database_url(settings)
    if settings.stripe_api_base:
        _refuse_padding("STRIPE_API_BASE", settings.stripe_api_base)
        if settings.live:
            raise Misconfigured("STRIPE_API_BASE is set in production; remove it there, it points away from Stripe.")
        base = urlsplit(settings.stripe_api_base)
        if base.scheme not in {"http", "https"} or not base.hostname:
            raise Misconfigured("STRIPE_API_BASE must be an http(s) address, such as http://127.0.0.1:12111.")


def _check_operator_token(settings: Settings) -> None:
    token = settings.operator_token.get_secret_value()
    _refuse_blank("OPERATOR_TOKEN", token, "set it to a long random text that begins with op_")
    if not token.startswith("op_") or len(token) < 8:  # noqa: PLR2004 - op_ and five characters
        raise Misconfigured("OPERATOR_TOKEN must begin with op_ and go on for at least five characters.")
    if settings.live and len(token) < 24:  # noqa: PLR2004 - about 120 bits of base 64
        raise Misconfigured("OPERATOR_TOKEN is too short for production; use at least 24 characters.")


def _check_stripe_keys(settings: Settings) -> None:
    secret = settings.stripe_secret_key.get_secret_value()
    publishable = settings.stripe_publishable_key
    _refuse_blank("STRIPE_SECRET_KEY", secret, "copy the secret key of this environment from the Stripe dashboard")
    _refuse_blank("STRIPE_PUBLISHABLE_KEY", publishable, "copy the publishable key that belongs to STRIPE_SECRET_KEY")
    secret_mode = _mode("STRIPE_SECRET_KEY", secret, ("sk", "rk"))
    publishable_mode = _mode("STRIPE_PUBLISHABLE_KEY", publishable, ("pk",))
    if secret_mode == "test" and settings.live:  # noqa: S105 - a mode, not a password
        raise Misconfigured("STRIPE_SECRET_KEY is a test key in production; use the live key there.")
    if secret_mode == "live" and not settings.live:  # noqa: S105 - a mode, not a password
        raise Misconfigured(
            f"STRIPE_SECRET_KEY is a live key in {settings.payments_environment}; live keys belong in production only."
        )
    if publishable_mode != secret_mode:
        raise Misconfigured(
            "STRIPE_PUBLISHABLE_KEY and STRIPE_SECRET_KEY are of different modes; use two of the same mode."
        )


def _mode(name: str, key: str, kinds: tuple[str, ...]) -> str:
    for kind in kinds:
        for mode in ("test", "live"):
            prefix = f"{kind}_{mode}_"
            if key.startswith(prefix) and len(key) > len(prefix):
                return mode
    raise Misconfigured(f"{name} must begin with {' or '.join(f'{kind}_test_ or {kind}_live_' for kind in kinds)}.")


def _check_webhook_secrets(settings: Settings) -> None:
    joined = settings.stripe_webhook_secrets.get_secret_value()
    _refuse_blank("STRIPE_WEBHOOK_SECRETS", joined, "copy the signing secret of the webhook endpoint")
    for secret in settings.webhook_secrets:
        if not secret or secret != secret.strip():
            raise Misconfigured(
                "STRIPE_WEBHOOK_SECRETS holds a blank or padded secret; separate secrets by a comma alone."
            )
        if not secret.startswith("whsec_") or len(secret) <= len("whsec_"):
            raise Misconfigured("STRIPE_WEBHOOK_SECRETS must hold secrets that begin with whsec_, not API keys.")


def _check_paypal_detours(settings: Settings) -> None:
    """What points away from PayPal, or trusts somebody else in its name: never in production."""
    for name, what in (
        ("PAYPAL_API_BASE", "it points away from PayPal"),
        ("PAYPAL_CERTIFICATE_BASE", "certificates are fetched from PayPal alone"),
        ("PAYPAL_TRUST_ROOTS", "the roots of the system are trusted"),
    ):
        value: str = getattr(settings, name.lower())
        if not value:
            continue
        if settings.live:
            raise Misconfigured(f"{name} is set in production; remove it there, {what}.")
        if not value.strip():
            raise Misconfigured(f"{name} is blank; set it as in .env.example.")
        if name != "PAYPAL_TRUST_ROOTS":
            _refuse_padding(name, value)
            base = urlsplit(value)
            if base.scheme not in {"http", "https"} or not base.hostname:
                raise Misconfigured(f"{name} must be an http(s) address, such as http://127.0.0.1:12112.")
        elif "-----BEGIN CERTIFICATE-----" not in value and not Path(value).is_file():
            raise Misconfigured("PAYPAL_TRUST_ROOTS must be a PEM file that is there, or PEM text.")


def _check_paypal_credentials(settings: Settings) -> None:
    _refuse_blank("PAYPAL_CLIENT_ID", settings.paypal_client_id, "copy it from the REST app in the PayPal dashboard")
    _refuse_blank(
        "PAYPAL_CLIENT_SECRET",
        settings.paypal_client_secret.get_secret_value(),
        "copy the secret that belongs to PAYPAL_CLIENT_ID",
    )
    _refuse_blank("PAYPAL_ENVIRONMENT", settings.paypal_environment, "set it to live or sandbox")
    if settings.paypal_environment not in {"live", "sandbox"}:
        raise Misconfigured("PAYPAL_ENVIRONMENT must be live or sandbox.")
    if settings.live and settings.paypal_environment != "live":
        raise Misconfigured("PAYPAL_ENVIRONMENT is sandbox in production; use the live app there.")
    if not settings.live and settings.paypal_environment == "live":
        raise Misconfigured(
            f"PAYPAL_ENVIRONMENT is live in {settings.payments_environment}; the live app belongs in production only."
        )


def _check_paypal_webhooks(settings: Settings) -> None:
    _refuse_blank("PAYPAL_WEBHOOK_IDS", settings.paypal_webhook_ids, "copy the id of the webhook of this app")
    for webhook_id in settings.webhook_ids:
        if not webhook_id or webhook_id != webhook_id.strip():
            raise Misconfigured("PAYPAL_WEBHOOK_IDS holds a blank or padded id; separate ids by a comma alone.")
        if webhook_id == "WEBHOOK_ID":
            raise Misconfigured(
                "PAYPAL_WEBHOOK_IDS holds the id that PayPal's webhooks simulator signs for; use the id of your own."
            )
        if not webhook_id.isascii() or not webhook_id.isalnum():
            raise Misconfigured("PAYPAL_WEBHOOK_IDS must hold ids of letters and digits, not addresses.")
    if settings.paypal_postback not in {"off", "second_opinion"}:
        raise Misconfigured("PAYPAL_POSTBACK must be off or second_opinion.")


def _check_square_detours(settings: Settings) -> None:
    """What points away from Square: never in production."""
    if not settings.square_api_base:
        return
    if settings.live:
        raise Misconfigured("SQUARE_API_BASE is set in production; remove it there, it points away from Square.")
    _refuse_padding("SQUARE_API_BASE", settings.square_api_base)
    base = urlsplit(settings.square_api_base)
    if base.scheme not in {"http", "https"} or not base.hostname:
        raise Misconfigured("SQUARE_API_BASE must be an http(s) address, such as http://127.0.0.1:12113.")


def _check_square_credentials(settings: Settings) -> None:
    token = settings.square_access_token.get_secret_value()
    _refuse_blank("SQUARE_ACCESS_TOKEN", token, "copy it from the application in the Square developer console")
    _refuse_blank("SQUARE_APPLICATION_ID", settings.square_application_id, "copy it from the same application")
    _refuse_blank("SQUARE_LOCATION_ID", settings.square_location_id, "copy the id of the location that sells")
    _refuse_blank("SQUARE_CURRENCY", settings.square_currency, "set it to the currency of the location, such as EUR")
    if len(settings.square_currency) != 3 or not settings.square_currency.isalpha():  # noqa: PLR2004 - ISO 4217
        raise Misconfigured("SQUARE_CURRENCY must be three letters, such as EUR.")
    _refuse_blank("SQUARE_ENVIRONMENT", settings.square_environment, "set it to production or sandbox")
    if settings.square_environment not in {"production", "sandbox"}:
        raise Misconfigured("SQUARE_ENVIRONMENT must be production or sandbox.")
    sandbox_application = settings.square_application_id.startswith("sandbox-")
    if settings.live and (settings.square_environment == "sandbox" or sandbox_application):
        raise Misconfigured(
            "SQUARE_ENVIRONMENT or SQUARE_APPLICATION_ID is the sandbox's in production; use the real application."
        )
    if not settings.live and (settings.square_environment == "production" or not sandbox_application):
        raise Misconfigured(
            f"SQUARE_ENVIRONMENT or SQUARE_APPLICATION_ID is of production in {settings.payments_environment}; "
            "use those of the sandbox there."
        )


def _check_square_webhooks(settings: Settings) -> None:
    joined = settings.square_webhook_signature_keys.get_secret_value()
    _refuse_blank("SQUARE_WEBHOOK_SIGNATURE_KEYS", joined, "copy the signature key of the webhook subscription")
    for key in settings.square_signature_keys:
        if not key or key != key.strip():
            raise Misconfigured(
                "SQUARE_WEBHOOK_SIGNATURE_KEYS holds a blank or padded key; separate keys by a comma alone."
            )
        if key == settings.square_access_token.get_secret_value():
            raise Misconfigured(
                "SQUARE_WEBHOOK_SIGNATURE_KEYS holds the access token; use the key of the webhook subscription."
            )
    if settings.square_webhook_url:
        _refuse_padding("SQUARE_WEBHOOK_URL", settings.square_webhook_url)
        told = urlsplit(settings.square_webhook_url)
        if told.scheme not in {"http", "https"} or not told.hostname:
            raise Misconfigured("SQUARE_WEBHOOK_URL must be the address of the subscription, letter for letter.")


def _check_numbers(settings: Settings) -> None:
    positive = (
        "database_pool_size database_timeout_seconds stripe_timeout_seconds paypal_timeout_seconds "
        "square_timeout_seconds webhook_body_limit_bytes "
        "event_retry_seconds event_max_attempts worker_lease_seconds worker_concurrency janitor_interval_seconds "
        "max_payments_per_order max_declines_per_order max_quantity"
    )
    for name in positive.split():
        if getattr(settings, name) <= 0:
            raise Misconfigured(f"{name.upper()} must be greater than zero.")
    for name in (
        "stripe_max_network_retries",
        "paypal_max_network_retries",
        "square_max_network_retries",
        "reconcile_interval_seconds",
    ):
        if getattr(settings, name) < 0:
            raise Misconfigured(f"{name.upper()} must not be negative.")


def _refuse_blank(name: str, value: str, next_move: str) -> None:
    if not value:
        raise Misconfigured(f"{name} is missing; {next_move}.")
    _refuse_padding(name, value)


def _refuse_padding(name: str, value: str) -> None:
    if not value.strip():
        raise Misconfigured(f"{name} is blank; set it as in .env.example.")
    if value != value.strip() or any(ord(character) < ord(" ") for character in value):
        raise Misconfigured(f"{name} has white space around it or a line break in it; remove that.")
