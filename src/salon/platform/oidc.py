"""An OpenID Connect provider as a relying party sees it: discovery, the way there, the proof brought back.

Source: OpenID Connect Core 1.0, section 3.1 (authorization code flow), and Discovery 1.0; PKCE, RFC 7636.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx2
import structlog
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from salon.platform.clock import Clock
from salon.platform.errors import Unavailable

log = structlog.get_logger()

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Signatures by the provider's own key. Those by our shared secret, or none at all, prove nothing here."""

TIMEOUT_S = 8.0
KEEP_FOR = timedelta(hours=1)
"""How long the provider's own description and keys are kept."""

KEYS_AGAIN_AFTER = timedelta(seconds=60)
"""An unknown key makes us look again, but not more often."""

LEEWAY_S = 60
MAX_DOCUMENT_BYTES = 256 * 1024
_DOCUMENT = TypeAdapter(dict[str, Any])


class ProviderUnreachable(Unavailable):
    """The provider does not answer, or answers nonsense."""

    kind = "oidc_unavailable"
    text = "The sign-in provider cannot be reached. Try again later, or sign in with a password."


class ProofRefused(Exception):
    """What the provider, or somebody in its name, brought does not prove an identity."""


class Metadata(BaseModel):
    """The part of a provider's description that is used (Discovery 1.0, section 3)."""

    model_config = ConfigDict(frozen=True)

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class Identity(BaseModel):
    """Who the provider says this is."""

    model_config = ConfigDict(frozen=True)

    issuer: str
    subject: str
    email: str = ""
    is_email_disputed: bool = False
    """The provider itself says that the address was not verified."""
    name: str = ""
    preferred_username: str = ""


@dataclass(frozen=True, slots=True)
class Departure:
    """A sign-in on its way: where to send the browser, and what must be remembered until it is back."""

    url: str
    state: str
    nonce: str
    code_verifier: str


class OidcProvider:
    """One provider, found by discovery. Its description and keys are fetched when first needed."""

    def __init__(
        self, *, issuer: str, client_id: str, client_secret: str | None, scopes: str, clock: Clock
    ) -> None:
        self.issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._scopes = scopes
        self._clock = clock
        self._http = httpx2.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False)
        self._metadata: tuple[Metadata, datetime] | None = None
        self._keys: tuple[KeySet, datetime] | None = None

    async def close(self) -> None:
        """Close the connections; safe to call twice."""
        await self._http.aclose()

    async def depart(self, *, redirect_uri: str) -> Departure:
        """Begin a sign-in.

        Raises:
            ProviderUnreachable: its description cannot be had.
        """
        metadata = await self._describe()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        async with self._client(metadata, redirect_uri) as client:
            url, _ = client.create_authorization_url(
                metadata.authorization_endpoint, state=state, code_verifier=verifier, nonce=nonce
            )
        return Departure(url=url, state=state, nonce=nonce, code_verifier=verifier)

    async def identify(self, *, code: str, redirect_uri: str, nonce: str, code_verifier: str) -> Identity:
        """Exchange the code the browser brought back for a proven identity.

        Raises:
            ProviderUnreachable: no answer, or one that makes no sense.
            ProofRefused: the code is not good (any more), or the ID token is not for us and this sign-in.
        """
        metadata = await self._describe()
        async with self._client(metadata, redirect_uri) as client:
            try:
                token: dict[str, Any] = await client.fetch_token(
                    metadata.token_endpoint, code=code, code_verifier=code_verifier
                )
            except OAuthError as fault:
                raise ProofRefused(f"code refused: {fault.error}") from fault
            except (httpx2.HTTPError, ValueError) as fault:
                raise ProviderUnreachable from fault
        claims = await self._verify(metadata, token, nonce)
        if "email" not in claims and metadata.userinfo_endpoint and token.get("access_token"):
            claims = {**await self._user_info(metadata.userinfo_endpoint, token, claims), **claims}
        return _identity(metadata.issuer, claims)

    async def _verify(self, metadata: Metadata, token: dict[str, Any], nonce: str) -> dict[str, Any]:
        id_token = token.get("id_token")
        if not isinstance(id_token, str):
            raise ProofRefused("no ID token")
        keys = await self._load_keys(metadata)
        try:
            decoded = jwt.decode(id_token, keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            # Signed by a key that is new since we looked?
            decoded = await self._decode_again(metadata, id_token)
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            options={
                "iss": {"essential": True, "value": metadata.issuer},
                "aud": {"essential": True, "value": self._client_id},
            },
            params={"nonce": nonce, "client_id": self._client_id, "access_token": token.get("access_token")},
        )
        try:
            claims.validate(now=int(self._clock.now().timestamp()), leeway=LEEWAY_S)
        except JoseError as fault:
            raise ProofRefused(f"ID token refused: {type(fault).__name__}: {fault.description}") from fault
        return dict(decoded.claims)

    async def _decode_again(self, metadata: Metadata, id_token: str) -> jwt.Token:
        keys = await self._load_keys(metadata, older_than=KEYS_AGAIN_AFTER)
        try:
            return jwt.decode(id_token, keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError) as fault:
            raise ProofRefused(f"ID token refused: {type(fault).__name__}") from fault

    async def _user_info(
        self, endpoint: str, token: dict[str, Any], claims: dict[str, Any]
    ) -> dict[str, Any]:
        found = await self._fetch(endpoint, {"authorization": f"Bearer {token['access_token']}"})
        # Core 1.0, section 5.3.2: an answer about somebody else must not be used.
        if found.get("sub") != claims["sub"]:
            raise ProofRefused("user info of another subject")
        return found

    async def _describe(self) -> Metadata:
        now = self._clock.now()
        if self._metadata is not None and now - self._metadata[1] < KEEP_FOR:
            return self._metadata[0]
        found = await self._fetch(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        try:
            metadata = Metadata.model_validate(found)
        except ValidationError as fault:
            log.warning("oidc.description_unusable", faults=fault.error_count())
            raise ProviderUnreachable from fault
        # Discovery 1.0, section 4.3: it must be the issuer that was asked.
        if metadata.issuer.rstrip("/") != self.issuer.rstrip("/"):
            log.warning("oidc.issuer_differs", given=metadata.issuer, wanted=self.issuer)
            raise ProviderUnreachable
        self._metadata = (metadata, now)
        return metadata

    async def _load_keys(self, metadata: Metadata, *, older_than: timedelta = KEEP_FOR) -> KeySet:
        now = self._clock.now()
        if self._keys is not None and now - self._keys[1] < older_than:
            return self._keys[0]
        found = await self._fetch(metadata.jwks_uri)
        try:
            keys = KeySet.import_key_set(found)  # type: ignore[arg-type]  # checked by the import itself
        except (JoseError, ValueError, KeyError, TypeError) as fault:
            log.warning("oidc.keys_unusable")
            raise ProviderUnreachable from fault
        self._keys = (keys, now)
        return keys

    async def _fetch(self, url: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
        try:
            async with self._http.stream("GET", url, headers=headers) as answer:
                answer.raise_for_status()
                return _DOCUMENT.validate_json(await _read(answer))
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as fault:
            log.warning("oidc.unreachable", fault=type(fault).__name__)
            raise ProviderUnreachable from fault

    def _client(self, metadata: Metadata, redirect_uri: str) -> AsyncOAuth2Client:
        methods = metadata.token_endpoint_auth_methods_supported
        method = "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
        return AsyncOAuth2Client(
            client_id=self._client_id,
            client_secret=self._client_secret,
            token_endpoint_auth_method=method if self._client_secret else "none",
            scope=self._scopes,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            timeout=TIMEOUT_S,
        )


async def _read(answer: httpx2.Response) -> bytes:
    body = b""
    async for piece in answer.aiter_bytes():
        body += piece
        if len(body) > MAX_DOCUMENT_BYTES:
            raise ValueError("the answer is too large")
    return body


def _identity(issuer: str, claims: dict[str, Any]) -> Identity:
    def text(name: str) -> str:
        value = claims.get(name)
        return value.strip() if isinstance(value, str) else ""

    subject = text("sub")
    if not 0 < len(subject) <= 255:
        raise ProofRefused("no usable subject")
    return Identity(
        issuer=issuer,
        subject=subject,
        email=text("email"),
        is_email_disputed=claims.get("email_verified") in (False, "false"),
        name=text("name"),
        preferred_username=text("preferred_username"),
    )
