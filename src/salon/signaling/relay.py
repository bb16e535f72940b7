"""What a relayed message looks like after its sender's identity was made true. Pure functions."""

from typing import Literal

from pydantic import JsonValue
from pydantic_core import from_json, to_json

from salon.signaling.face import MediaSwitches
from salon.signaling.room import Session
from salon.signaling.wire import BadMessage

MAX_CHAT_EXTRA = 4096
"""Bytes of fields beside the text that are stored with a chat message."""

Switch = Literal["audio", "video", "screen"]

# What each MEDIA_CONTROL action says about the sender; others are relayed without a meaning to us.
_ACTIONS: dict[str, tuple[Switch, bool]] = {
    "mute": ("audio", False),
    "unmute": ("audio", True),
    "video_on": ("video", True),
    "video_off": ("video", False),
    "screen_on": ("screen", True),
    "screen_off": ("screen", False),
}
_SCREEN_ACTIONS = {"start": True, "on": True, "stop": False, "off": False}


def identify(payload: JsonValue, sender: Session, *, name: bool = False) -> JsonValue:
    """The payload with the sender's own ids in it; its other fields stay. Not an object: unchanged."""
    if not isinstance(payload, dict):
        return payload
    true: dict[str, JsonValue] = {"user_id": sender.user_id, "peer_id": sender.peer_id}
    if name:
        true["username"] = sender.username
        true["meeting_id"] = sender.meeting_id
    return {**payload, **true}


def presence(session: Session) -> dict[str, JsonValue]:
    """Payload of USER_JOINED and, without the cause, of USER_LEFT."""
    return {
        "user_id": session.user_id,
        "username": session.username,
        "peer_id": session.peer_id,
        "meeting_id": session.meeting_id,
    }


def read_chat(payload: JsonValue) -> tuple[str, dict[str, JsonValue]]:
    """Text of a chat message and the fields only clients know of.

    Raises:
        BadMessage: no text in it.
    """
    if not isinstance(payload, dict) or not isinstance(payload.get("content"), str):
        raise BadMessage("Invalid message format", "payload.content: text is expected")
    own = {"content", "user_id", "username", "meeting_id", "peer_id"}
    text = to_json({key: value for key, value in payload.items() if key not in own}, inf_nan_mode="null")
    if len(text) > MAX_CHAT_EXTRA:
        raise BadMessage(
            "Invalid message format", f"payload: more than {MAX_CHAT_EXTRA} bytes of other fields"
        )
    # There and back: what is stored must be JSON, which knows no infinity.
    extra: dict[str, JsonValue] = from_json(text)
    return str(payload["content"]), extra


def read_media_control(payload: JsonValue) -> MediaSwitches:
    """What a MEDIA_CONTROL payload says; switches it does not speak of are None."""
    action = payload.get("action") if isinstance(payload, dict) else None
    if isinstance(action, str) and action in _ACTIONS:
        kind, is_on = _ACTIONS[action]
        return MediaSwitches(**{kind: is_on})
    return MediaSwitches()


def read_screen_share(payload: JsonValue) -> MediaSwitches:
    """What a SCREEN_SHARE payload says: an ``enabled`` flag or an action ``start``/``stop``."""
    if isinstance(payload, dict):
        enabled, action = payload.get("enabled"), payload.get("action")
        if isinstance(enabled, bool):
            return MediaSwitches(screen=enabled)
        if isinstance(action, str) and action in _SCREEN_ACTIONS:
            return MediaSwitches(screen=_SCREEN_ACTIONS[action])
    return read_media_control(payload)


def merge(old: MediaSwitches, new: MediaSwitches) -> MediaSwitches:
    """The state after a statement: what it does not speak of stays."""
    return MediaSwitches(
        audio=old.audio if new.audio is None else new.audio,
        video=old.video if new.video is None else new.video,
        screen=old.screen if new.screen is None else new.screen,
    )


def list_controls(old: MediaSwitches, new: MediaSwitches) -> list[dict[str, JsonValue]]:
    """MEDIA_CONTROL payloads (without identity) that lead from one state to the other."""
    controls: list[dict[str, JsonValue]] = []
    for action, (kind, is_on) in _ACTIONS.items():
        if getattr(new, kind) is is_on and getattr(old, kind) is not is_on:
            controls.append({"action": action, "media_type": kind})
    return controls


def caption(payload: JsonValue, leader_name: str) -> JsonValue:
    """A caption for everybody: the leader calls itself by a word for "me", the room needs its name."""
    if isinstance(payload, dict) and payload.get("speaker_key") == "local":
        return {**payload, "speaker_label": leader_name}
    return payload
