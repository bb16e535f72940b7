"""The endpoints of the second factor."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field, StringConstraints

from salon.platform.auth import SignedIn, SignedInWithCsrf
from salon.platform.envelope import Envelope, RequestModel, Timestamp, errors
from salon.user.totp import SecondFactors

router = APIRouter(prefix="/api/v1/auth/totp", tags=["user"])

Password = Annotated[str, StringConstraints(min_length=1, max_length=1024)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=64)]


async def _factors(request: Request) -> SecondFactors:
    service: SecondFactors = request.app.state.user.factors
    return service


FactorsDep = Annotated[SecondFactors, Depends(_factors)]


class TotpState(BaseModel):
    """Whether the account asks for a second factor."""

    enabled: bool
    enabled_at: Timestamp | None
    recovery_codes_left: int


class OwnPasswordRequest(RequestModel):
    """The account's password, asked again."""

    password: Password


class CodeRequest(RequestModel):
    """A code of the authenticator app."""

    code: Code = Field(description="six digits", examples=["123456"])


class ProofRequest(RequestModel):
    """Password and second factor together."""

    password: Password
    code: Code = Field(description="six digits, or a recovery code", examples=["123456"])


class TotpEnrolment(BaseModel):
    """What an authenticator app needs."""

    secret: str = Field(description="base32, to be typed in where a camera cannot be used")
    otpauth_uri: str
    qr_svg: str = Field(description="the address as a QR code: an SVG element")


class RecoveryCodes(BaseModel):
    """Codes that stand in for the app, each once. They are shown here and never again."""

    recovery_codes: list[str]


@router.get("", responses=errors(401, 403))
async def get_state(caller: SignedIn, factors: FactorsDep) -> Envelope[TotpState]:
    """Whether the caller's account asks for a second factor."""
    state = await factors.get_state(caller.user_id)
    return Envelope.success(
        TotpState(
            enabled=state.enabled,
            enabled_at=state.enabled_at,
            recovery_codes_left=state.recovery_codes_left,
        )
    )


@router.post("/setup", responses=errors(400, 401, 403, 409, 429, 503))
async def set_up(
    body: OwnPasswordRequest, caller: SignedInWithCsrf, factors: FactorsDep
) -> Envelope[TotpEnrolment]:
    """Begin: answers a secret for the authenticator app. It counts once `enable` has seen its first code."""
    made = await factors.set_up(caller, password=body.password)
    return Envelope.success(
        TotpEnrolment(secret=made.secret, otpauth_uri=made.otpauth_uri, qr_svg=made.qr_svg)
    )


@router.post("/enable", responses=errors(400, 401, 403, 409, 429))
async def enable(body: CodeRequest, caller: SignedInWithCsrf, factors: FactorsDep) -> Envelope[RecoveryCodes]:
    """Switch the second factor on; answers the recovery codes."""
    return Envelope.success(RecoveryCodes(recovery_codes=await factors.enable(caller, code=body.code)))


@router.post("/disable", responses=errors(400, 401, 403, 429, 503))
async def disable(body: ProofRequest, caller: SignedInWithCsrf, factors: FactorsDep) -> Envelope[None]:
    """Switch the second factor off."""
    await factors.disable(caller, password=body.password, code=body.code)
    return Envelope.success()


@router.post("/recovery-codes", responses=errors(400, 401, 403, 429, 503))
async def renew_recovery_codes(
    body: ProofRequest, caller: SignedInWithCsrf, factors: FactorsDep
) -> Envelope[RecoveryCodes]:
    """New recovery codes; the old ones stop working."""
    codes = await factors.renew_recovery_codes(caller, password=body.password, code=body.code)
    return Envelope.success(RecoveryCodes(recovery_codes=codes))
