"""Every setting, typed, with its default. Read once at start from the environment (``SALON_*``)."""

import os
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

CommaList = Annotated[tuple[str, ...], NoDecode]
"""In the environment: values separated by commas; blanks around them do not count."""


class SettingsError(Exception):
    """The settings make no sense; the text names each one and what it should be."""


def _split(value: Any) -> Any:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


class TurnSettings(BaseModel):
    """Relays for participants whose network blocks UDP. Without `urls` none is offered."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    urls: CommaList = ()
    """TURN addresses, such as ``turn:turn.example.org:3478?transport=udp``."""
    secret: SecretStr | None = None
    """The secret shared with the TURN server, from which short-lived credentials are made."""
    lifetime_s: int = Field(default=86_400, ge=300, le=604_800)
    """How long a credential stays valid, in seconds."""

    _split_urls = field_validator("urls", mode="before")(_split)

    @field_validator("urls")
    @classmethod
    def _check_urls(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        for url in urls:
            if not url.startswith(("turn:", "turns:")):
                raise ValueError(f"{url!r} should start with turn: or turns:")
        return urls


class MailSettings(BaseModel):
    """The SMTP server that letters go through. Without `host` they are laid into the data folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = ""
    """Name of the SMTP server."""
    port: int = Field(default=587, ge=1, le=65_535)
    user: str = ""
    """Account at the SMTP server; empty: none is needed."""
    password: SecretStr | None = None
    sender: str = "Salon <salon@localhost.localdomain>"
    """The From line."""
    tls: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection is protected; `none` for a server on this machine only."""


class OidcSettings(BaseModel):
    """Sign-in through an OpenID provider. Without `issuer` there is none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: str = ""
    """Address of the provider, under which ``/.well-known/openid-configuration`` is found."""
    client_id: str = ""
    """What Salon is called at the provider."""
    client_secret: SecretStr | None = None
    """The secret that belongs to `client_id`; absent: a public client, protected by PKCE alone."""
    label: str = "Single sign-on"
    """What the button says."""
    scopes: str = "openid email profile"
    """What the provider is asked for, separated by blanks."""
    allow_sign_up: bool = True
    """Whether somebody without an account gets one by signing in."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.issuer and urlsplit(self.issuer).scheme not in ("http", "https"):
            raise ValueError(f"{self.issuer!r} should start with https://")
        if self.issuer and not self.client_id:
            raise ValueError("an issuer needs a client_id (SALON_OIDC_CLIENT_ID)")
        if "openid" not in self.scopes.split():
            raise ValueError("scopes must contain openid")
        return self


class RecordingSettings(BaseModel):
    """What recordings may take, and how long they are kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_minutes: int = Field(default=240, ge=1, le=1440)
    """After these minutes a recording is stopped."""
    disk_floor_mb: int = Field(default=2048, ge=0, le=10_000_000)
    """Megabytes of the disk that recordings leave free: below, none starts and those that run are stopped."""
    quota_mb: int = Field(default=0, ge=0, le=100_000_000)
    """Megabytes that the recordings of one user may take; 0: as much as there is."""
    retention_days: int = Field(default=30, ge=0, le=36_500)
    """So many days after its end a recording is deleted; 0: only by hand."""


class StorageSettings(BaseModel):
    """Where files, avatars and recordings lie. Without `url`: in the data folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = ""
    """An S3 bucket and what all names begin with, such as ``s3://salon/production``."""
    endpoint: str = ""
    """Address of an S3-compatible server, such as ``https://s3.example.org``; empty: Amazon's own."""
    region: str = "us-east-1"
    access_key_id: str = ""
    """Empty: taken from the machine's role or from the ``AWS_*`` variables."""
    secret_access_key: SecretStr | None = None

    @field_validator("url")
    @classmethod
    def _check_url(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (parts.scheme != "s3" or not parts.netloc or parts.query or parts.fragment):
            raise ValueError(f"{url!r} should be like s3://bucket/prefix")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _check_keys(self) -> Self:
        if bool(self.access_key_id) != (self.secret_access_key is not None):
            raise ValueError("access_key_id and secret_access_key belong together: set both or neither")
        return self

    @field_validator("endpoint")
    @classmethod
    def _check_endpoint(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or not parts.netloc):
            raise ValueError(f"{url!r} should be like https://s3.example.org")
        return url.rstrip("/")


class MediaSettings(BaseModel):
    """Files that people upload, and what is made of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_file_mb: int = Field(default=100, ge=1, le=100_000)
    """Largest file that can be uploaded, in MB (1024 × 1024 bytes)."""
    user_quota_mb: int = Field(default=5000, ge=1)
    """What one user's files may take altogether, in MB."""
    upload_idle_s: float = Field(default=30, gt=0, le=3600)
    """How long an upload may stand still, in seconds."""
    keep_days: int = Field(default=0, ge=0)
    """Days after which an uploaded file is removed; 0: never."""
    jobs_at_once: int = Field(default=2, ge=1, le=64)
    """Conversions that one process does at the same time; thumbnails do not count."""
    job_minutes: int = Field(default=60, ge=1, le=1440)
    """How long one conversion may take, in minutes."""


class AiSettings(BaseModel):
    """Models, and who may ask them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    models_dir: Path | None = None
    """Folder of the models; absent: ``models`` in Salon's cache, which all servers of an account share."""
    asr_model: str = "whisper-base"
    """What recognises speech, as `salon models list` calls it."""
    caption_model: str = "whisper-base"
    """What reads live captions, whatever `asr_model` is; only Whisper models say when each word is said."""
    caption_languages: CommaList = ()
    """Languages that are spoken in meetings, such as ``zh,en``; empty: any that the model knows."""
    openai_url: str = ""
    """Of a server with OpenAI's transcriptions, as ``https://speech.example.org/v1``; used by ``openai``."""
    openai_key: SecretStr = SecretStr("")
    """What that server knows Salon by; empty: nothing."""
    openai_model: str = "whisper-1"
    """What that server calls its model."""
    oip_url: str = ""
    """Of a server of the Open Inference Protocol (Triton, KServe); used by ``open-inference``."""
    oip_model: str = "speech"
    """What that server calls its model: takes ``audio`` and ``language``, gives ``text``."""
    voice_model: str = ""
    """What warns hosts of synthetic voices, as `salon models list` calls it; empty: nothing does."""
    voice_oip_url: str = ""
    """Of a server of the Open Inference Protocol with a detector; used by ``open-inference-voice``."""
    voice_oip_model: str = "voice"
    """What that server calls its model: takes ``audio``, gives ``score``."""
    minutes_model: str = ""
    """Language model that writes minutes, as its server calls it; empty: none, sentences are chosen by their
    own words. With one, transcripts are sent to that server."""
    minutes_url: str = ""
    """Of a server with OpenAI's chat completions, as ``https://models.example.org/v1``."""
    minutes_key: SecretStr = SecretStr("")
    """What that server knows Salon by; empty: nothing."""
    minutes_timeout_s: float = Field(default=50, gt=0, le=120)
    """How long that server may take for one meeting, in seconds; many proxies wait sixty for an answer."""
    workers: int = Field(default=0, ge=0, le=64)
    """Processes that hold models; 0: one for every two cores."""
    waiting: int = Field(default=16, ge=1, le=10_000)
    """Questions that may wait for a worker; more are told to come back."""
    allow_anonymous: bool = False
    """Whether nobody has to be signed in to ask; for closed networks only."""
    transcript_days: int = Field(default=30, ge=0, le=36_500)
    """So many days after it was said a line of a transcript is deleted; 0: only by hand."""
    mood: Literal["off", "text", "voice"] = "off"
    """What moods are inferred from during a meeting: nothing, the words alone, or also the voices of those
    who have agreed to it."""

    _split_languages = field_validator("caption_languages", mode="before")(_split)

    @model_validator(mode="after")
    def _know_the_server(self) -> "AiSettings":
        servers = {
            "openai": ("SALON_AI_OPENAI_URL", self.openai_url),
            "open-inference": ("SALON_AI_OIP_URL", self.oip_url),
            "open-inference-voice": ("SALON_AI_VOICE_OIP_URL", self.voice_oip_url),
        }
        minutes = ("SALON_AI_MINUTES_URL", self.minutes_url) if self.minutes_model else None
        for setting, model, server in (
            ("ASR", self.asr_model, servers.get(self.asr_model)),
            ("CAPTION", self.caption_model, servers.get(self.caption_model)),
            ("VOICE", self.voice_model, servers.get(self.voice_model)),
            ("MINUTES", self.minutes_model, minutes),
        ):
            if server is not None and not server[1].startswith(("http://", "https://")):
                raise ValueError(
                    f"SALON_AI_{setting}_MODEL={model} needs {server[0]}, an http or https address"
                )
        return self

    @property
    def resolved_models_dir(self) -> Path:
        """Where the models are."""
        if self.models_dir is not None:
            return self.models_dir.absolute()
        cache = os.environ.get("SALON_CACHE")
        base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
        return (Path(cache) if cache else Path(base, "salon")).expanduser().absolute() / "models"


class Settings(BaseSettings):
    """All settings of one Salon process."""

    model_config = SettingsConfigDict(
        env_prefix="SALON_",
        env_nested_delimiter="_",
        env_nested_max_split=1,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
    )

    host: str = "127.0.0.1"
    """Address the web server listens on."""
    port: int = Field(default=8800, ge=0, le=65_535)
    """TCP port of the web server; 0 takes a free one."""
    data_dir: Path = Path("./data")
    """Folder of the database and the keys."""
    public_ip: CommaList = ()
    """Addresses that browsers send media to; empty: this machine's own, found by itself."""
    udp_port: int = Field(default=8801, ge=0, le=65_535)
    """The one UDP port of all media; 0 takes a free one."""
    sfu_shards: int = Field(default=1, ge=1, le=64)
    """Threads that forward media."""
    sfu_real_time: bool = True
    """Forwarding goes before everything ordinary on the machine, if the system allows Salon that (as root, or
    with ``LimitRTPRIO=1`` in its service file)."""
    max_peers: int = Field(default=500, ge=1, le=10_000)
    """Media connections at one time, over all rooms."""
    stun_urls: CommaList = ()
    """More STUN servers for the browsers, beside Salon's own."""
    turn: TurnSettings = TurnSettings()
    oidc: OidcSettings = OidcSettings()
    cors_origins: CommaList = ()
    """Origins of foreign web pages that may use this server, such as ``https://intranet.example.org``."""
    database_url: str = ""
    """SQLAlchemy address of the database; empty: SQLite in the data folder."""
    public_url: str = ""
    """Where people reach this server, such as ``https://salon.example.org``: the base of links in letters
    and invitations; empty: taken from the request at hand."""
    mail: MailSettings = MailSettings()
    recording: RecordingSettings = RecordingSettings()
    storage: StorageSettings = StorageSettings()
    media: MediaSettings = MediaSettings()
    ai: AiSettings = AiSettings()
    rate_limit: Literal["on", "off"] = "on"
    """Whether rates of sign-ins, registrations, messages and so on are limited; `off` for load tests."""
    redis_url: str = ""
    """Redis that several processes count rates in, such as ``redis://localhost:6379/0``; empty: memory."""
    token_secret: SecretStr | None = None
    """Secret that signs tokens, 32 bytes or more; absent: made on first start, kept in the data folder."""
    token_secret_previous: SecretStr | None = None
    """The secret before a change of `token_secret`: tokens signed with it stay good until they expire."""
    token_lifetime_h: int = Field(default=24, ge=1, le=720)
    """How long a sign-in lasts, in hours."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["auto", "console", "json"] = "auto"
    """`auto`: readable on a terminal, JSON elsewhere."""
    metrics_public: bool = True
    """Whether `/metrics` answers everybody, or this machine only."""

    _split_lists = field_validator("public_ip", "stun_urls", "cors_origins", mode="before")(_split)

    @field_validator("public_ip")
    @classmethod
    def _check_addresses(cls, addresses: tuple[str, ...]) -> tuple[str, ...]:
        for address in addresses:
            if ip_address(address).is_unspecified:
                raise ValueError(f"{address} is no address a browser can send to")
        return addresses

    @field_validator("stun_urls")
    @classmethod
    def _check_stun(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        for url in urls:
            if not url.startswith("stun:"):
                raise ValueError(f"{url!r} should start with stun:")
        return urls

    @field_validator("cors_origins")
    @classmethod
    def _check_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            parts = urlsplit(origin)
            if parts.scheme not in ("http", "https") or not parts.netloc or parts.path:
                raise ValueError(f"{origin!r} should be like https://intranet.example.org, without a path")
        return origins

    @field_validator("public_url")
    @classmethod
    def _check_public_url(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or not parts.netloc):
            raise ValueError(f"{url!r} should be like https://salon.example.org")
        return url.rstrip("/")

    @field_validator("token_secret", "token_secret_previous")
    @classmethod
    def _check_secret(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and len(secret.get_secret_value().encode()) < 32:
            raise ValueError("should be 32 bytes or longer")
        return secret

    @property
    def token_lifetime(self) -> timedelta:
        """How long a sign-in lasts."""
        return timedelta(hours=self.token_lifetime_h)

    @property
    def resolved_database_url(self) -> str:
        """The database's address, with the default filled in."""
        return self.database_url or f"sqlite+aiosqlite:///{(self.data_dir / 'salon.db').absolute()}"

    @property
    def keys_dir(self) -> Path:
        """Where the secrets lie."""
        return self.data_dir / "keys"


def load_settings() -> Settings:
    """Settings from the environment.

    Raises:
        SettingsError: some make no sense; the text says which, and what they should be.
    """
    try:
        return Settings()
    except ValidationError as fault:
        lines = [_explain(error) for error in fault.errors()]
        raise SettingsError("\n".join(lines)) from fault


def _explain(error: Any) -> str:
    name = "SALON_" + "_".join(str(part) for part in error["loc"] if isinstance(part, str)).upper()
    given = os.environ.get(name)
    shown = f" (it is {given!r})" if given is not None and "SECRET" not in name else ""
    text = str(error["msg"]).removeprefix("Value error, ")
    return f"{name}{shown}: {text}. Change it or unset it."
