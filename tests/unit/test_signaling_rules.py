"""The rules of the signaling protocol, without sockets: what goes to whom, and in which order."""

import itertools
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from salon.meeting.face import MeetingId
from salon.signaling.face import EndCause, SessionId, SignalingPeerId
from salon.signaling.outbox import NORMAL_CHARACTERS, NORMAL_LIMIT, Closing, Outbox
from salon.signaling.room import Room, Session
from salon.signaling.session import Close, Effect, Ended, PostChat, RoomProtocol, Send, Store, Switched
from salon.signaling.wire import BadMessage, parse
from salon.user.face import UserId

START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Stage:
    """A room with scripted people; effects are sorted by who gets what."""

    now: datetime = START
    inbox: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    others: list[Effect] = field(default_factory=list)

    def __post_init__(self) -> None:
        ids = itertools.count()
        self.protocol = RoomProtocol(
            Room(MeetingId(7), now=self.now),
            ice_servers=lambda session: [{"urls": "stun:192.0.2.1:8801"}],
            make_id=lambda prefix: f"{prefix}_{next(ids)}",
        )

    def open(self, name: str, user_id: int, peer_id: str | None = None) -> Session:
        session = Session(
            session_id=SessionId(f"s-{name}"),
            peer_id=SignalingPeerId(peer_id or f"web_{name}"),
            user_id=UserId(user_id),
            username=f"user{user_id}",
            nickname="",
            meeting_id=MeetingId(7),
            connected_at=self.now,
            last_active_at=self.now,
        )
        self._take(self.protocol.handle_open(session, now=self.now))
        return session

    def say(self, session: Session, type: int | str, payload: Any = None, **extra: Any) -> None:  # noqa: A002
        self.say_text(session, json.dumps({"id": "m1", "type": type, "payload": payload, **extra}))

    def say_text(self, session: Session, text: str) -> None:
        self._take(self.protocol.handle_frame(session, text, now=self.now))

    def end(self, session: Session, cause: EndCause = "lost") -> None:
        self._take(self.protocol.handle_end(session.session_id, cause, now=self.now))

    def got(self, session: Session) -> list[dict[str, Any]]:
        return self.inbox.pop(session.session_id, [])

    def types(self, session: Session) -> list[int]:
        return [frame["type"] for frame in self.got(session)]

    def _take(self, effects: Any) -> None:
        for effect in list(effects):
            if isinstance(effect, Send):
                self.inbox.setdefault(effect.session_id, []).append(json.loads(effect.text))
            else:
                self.others.append(effect)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_an_opened_socket_hears_nothing_and_already_counts(stage: Stage) -> None:
    ann = stage.open("ann", 1)
    ben = stage.open("ben", 2)
    assert stage.got(ben) == []
    stage.say(ann, 4)
    info = stage.got(ann)[0]["payload"]
    assert info["participant_count"] == 2
    assert [p["is_self"] for p in info["participants"]] == [True, False]


def test_join_answers_the_caller_twice_and_tells_the_others_in_order(stage: Stage) -> None:
    ann, ben = stage.open("ann", 1), stage.open("ben", 2)
    stage.say(ann, 4, {"capabilities": ["media_push", 3]})
    assert stage.types(ann) == [14, 14]
    assert stage.types(ben) == [6, 14]
    assert ann.as_live().wants_media_push
    stage.say(ann, 4, None)
    assert stage.types(ann) == [14]
    assert stage.got(ben) == []


def test_leave_and_a_broken_socket_end_a_session_once(stage: Stage) -> None:
    ann, ben = stage.open("ann", 1), stage.open("ben", 2)
    stage.say(ann, 5)
    stage.end(ann)
    assert stage.types(ben) == [7, 14]
    assert [e.cause for e in stage.others if isinstance(e, Ended)] == ["left"]
    assert [e.code for e in stage.others if isinstance(e, Close)] == [1000]
    stage.say(ann, 8, {"content": "ghost"})
    assert stage.got(ben) == []


@pytest.mark.parametrize("cause", ["lost", "left"])
def test_the_others_hear_whether_a_line_broke_or_somebody_left(stage: Stage, cause: EndCause) -> None:
    ann, ben = stage.open("ann", 1), stage.open("ben", 2)
    stage.end(ann, cause)
    left = stage.got(ben)[0]
    assert left["type"] == 7
    assert left["payload"] == {
        "user_id": 1,
        "username": "user1",
        "peer_id": "web_ann",
        "meeting_id": 7,
        "cause": cause,
    }


def test_a_newer_socket_of_the_same_page_replaces_the_older(stage: Stage) -> None:
    old, ben = stage.open("old", 1, "web_1"), stage.open("ben", 2)
    stage.say(old, 15)
    stage.got(ben)
    stage.open("new", 1, "web_1")
    assert [(e.session_id, e.code) for e in stage.others if isinstance(e, Close)] == [("s-old", 4001)]
    status = stage.got(ben)
    assert [frame["type"] for frame in status] == [16]
    assert status[0]["payload"]["enabled"] is False


def test_relays_reach_every_tab_of_the_target_and_are_stored_but_for_candidates(stage: Stage) -> None:
    ann, ben, tab = stage.open("ann", 1), stage.open("ben", 2), stage.open("tab", 2)
    for kind in (1, 2, 3):
        stage.say(ann, kind, {"sdp": "x"}, to_user_id=2, from_user_id=9, peer_id="forged", session_id="no")
    for target in (ben, tab):
        frames = stage.got(target)
        assert [f["type"] for f in frames] == [1, 2, 3]
        assert {(f["from_user_id"], f["peer_id"], f["session_id"]) for f in frames} == {
            (1, "web_ann", "s-ann")
        }
        assert frames[0]["to_user_id"] == 2
        assert frames[0]["id"] == "m1"
    assert [e.message.type for e in stage.others if isinstance(e, Store)] == [1, 2]
    stage.say(ann, 1, {}, to_user_id=99)
    assert stage.got(ann) == []


@pytest.mark.parametrize("kind", [1, 2, 3])
def test_a_relay_without_a_target_is_refused(stage: Stage, kind: int) -> None:
    ann = stage.open("ann", 1)
    stage.say(ann, kind, {})
    error = stage.got(ann)[0]
    assert (error["type"], error["payload"]["message"]) == (13, "Missing target user")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "Invalid message format"),
        ("[]", "Invalid message format"),
        ('{"type": "ping"}', "Invalid message format"),
        ('{"type": true}', "Invalid message format"),
        ('{"type": 1.5}', "Invalid message format"),
        ('{"type": 1, "to_user_id": "2"}', "Invalid message format"),
        ('{"type": 1, "to_user_id": -2}', "Invalid message format"),
        ('{"type": 11, "timestamp": "yesterday"}', "Invalid message format"),
        ('{"type": 11, "timestamp": 5}', "Invalid message format"),
        ('{"type": 11, "id": 5}', "Invalid message format"),
        ('{"type": 11, "id": "a\\u0000"}', "Invalid message format"),
        ('{"type": 11, "payload": NaN}', "Invalid message format"),
        ('{"type": 11, "payload": "\\ud800"}', "Invalid message format"),
        ("[" * 100_000, "Invalid message format"),
        ('{"type": 8}', "Invalid message format"),
        ('{"type": 8, "payload": {"content": 3}}', "Invalid message format"),
        ("{}", "Unknown message type"),
        ('{"type": 6}', "Unknown message type"),
        ('{"type": 18}', "Unknown message type"),
        ('{"type": 99999999999999999999999}', "Unknown message type"),
        ('{"type": 17, "payload": {}}', "AI Live denied"),
    ],
)
def test_bad_messages_get_an_error_and_nobody_else_notices(stage: Stage, text: str, message: str) -> None:
    ann, ben = stage.open("ann", 1), stage.open("ben", 2)
    stage.say_text(ann, text)
    (error,) = stage.got(ann)
    assert error["type"] == 13
    assert error["from_user_id"] == 0
    assert error["session_id"] == "s-ann"
    assert error["payload"]["code"] == 400
    assert error["payload"]["message"] == message
    assert error["payload"]["details"]
    assert stage.got(ben) == []
    assert not stage.others


@pytest.mark.parametrize(
    "timestamp", ["0001-01-01T00:00:00Z", "2026-01-01T00:00:00.123456789+08:00", "2026-01-01T00:00:00Z", None]
)
def test_timestamps_of_all_clients_are_read(timestamp: str | None) -> None:
    assert parse(json.dumps({"type": 11, "timestamp": timestamp})).type == 11


def test_an_id_over_64_characters_is_refused() -> None:
    with pytest.raises(BadMessage):
        parse(json.dumps({"type": 11, "id": "x" * 65}))


def test_ping_is_answered_to_the_caller_with_null(stage: Stage) -> None:
    ann, ben = stage.open("ann", 1), stage.open("ben", 2)
    stage.say(ann, 11)
    (pong,) = stage.got(ann)
    assert (pong["type"], pong["from_user_id"], pong["payload"]) == (12, 1, None)
    assert "payload" in pong
    assert stage.got(ben) == []


def test_chat_goes_to_its_store_with_the_fields_only_clients_know(stage: Stage) -> None:
    ann = stage.open("ann", 1)
    stage.say(ann, 8, {"content": "hi", "user_id": 9, "username": "forged", "color": "red"})
    (post,) = [e for e in stage.others if isinstance(e, PostChat)]
    assert (post.message_id, post.content, post.extra) == ("m1", "hi", {"color": "red"})
    assert stage.got(ann) == []


def test_what_is_kept_of_a_chat_message_is_small_and_plain_json(stage: Stage) -> None:
    ann = stage.open("ann", 1)
    stage.say_text(ann, '{"type": 8, "payload": {"content": "hi", "far": 1e999}}')
    (post,) = [e for e in stage.others if isinstance(e, PostChat)]
    assert post.extra == {"far": None}
    assert post.message_id.startswith("chat_")
    stage.say(ann, 8, {"content": "hi", "blob": "x" * 5000})
    assert stage.types(ann) == [13]


def test_media_control_tells_the_others_and_late_joiners(stage: Stage) -> None:
    ann, ben = stage.open("ann", 1), stage.open("ben", 2)
    for action, kind in (("unmute", "audio"), ("video_on", "video"), ("screen_on", "screen")):
        stage.say(ann, 10, {"action": action, "media_type": kind, "user_id": 5, "peer_id": "x", "k": 1})
    assert stage.got(ann) == []
    (first, *_) = stage.got(ben)
    assert first["payload"] == {
        "action": "unmute",
        "media_type": "audio",
        "user_id": 1,
        "peer_id": "web_ann",
        "k": 1,
    }
    stage.say(ben, 4)
    entry = next(p for p in stage.got(ben)[0]["payload"]["participants"] if p["user_id"] == 1)
    assert entry["media"] == {"audio": True, "video": True, "screen": True}
    assert len([e for e in stage.others if isinstance(e, Switched)]) == 3


def test_screen_share_is_relayed_like_media_control(stage: Stage) -> None:
    ann, ben = stage.open("ann", 1), stage.open("ben", 2)
    stage.say(ann, 9, {"enabled": True})
    assert stage.types(ben) == [9]
    assert ann.switches.screen is True
    stage.say(ann, 9, "no object")
    assert stage.types(ben) == [9]


def test_the_first_claim_leads_and_only_the_leader_ends_it(stage: Stage) -> None:
    ann, ben = stage.open("ann", 1), stage.open("ben", 2)
    stage.say(ann, 15, {"enable": "nonsense"})
    stage.say(ben, 15, {"enable": True})
    stage.say(ben, 15, {"enable": False})
    for session in (ann, ben):
        for status in stage.got(session):
            assert status["type"] == 16
            assert status["session_id"] == ""
            assert status["payload"]["leader_session_id"] == "s-ann"
            assert status["payload"]["leader_username"] == "user1"
    stage.say(ann, 15, {"enable": False})
    assert "leader_session_id" not in stage.got(ben)[0]["payload"]


def test_captions_reach_all_and_name_their_speaker(stage: Stage) -> None:
    ann, ben = stage.open("ann", 1), stage.open("ben", 2)
    stage.say(ann, 15)
    stage.got(ann), stage.got(ben)
    stage.say(ann, 17, {"line_id": "l", "speaker_key": "local", "speaker_label": "me", "text": "hi"})
    stage.say(ann, 17, {"line_id": "l", "speaker_key": "web_ben", "speaker_label": "Ben"})
    for session in (ann, ben):
        own, other = stage.got(session)
        assert own["payload"]["speaker_label"] == "user1"
        assert other["payload"]["speaker_label"] == "Ben"


def test_a_leader_that_goes_frees_the_room_once(stage: Stage) -> None:
    ann, ben = stage.open("ann", 1), stage.open("ben", 2)
    stage.say(ann, 15)
    stage.got(ben)
    stage.now += timedelta(seconds=1)
    stage.end(ann)
    assert stage.types(ben) == [7, 14, 16]


def test_expulsion_tells_why_and_closes(stage: Stage) -> None:
    ann, ben = stage.open("ann", 1), stage.open("ben", 2)
    stage._take(stage.protocol.handle_expulsion([ann], code=4003, message="removed", now=stage.now))
    assert stage.types(ann) == [13]
    assert stage.types(ben) == [7, 14]
    stage._take(stage.protocol.handle_over(code=4004, message="over", now=stage.now))
    assert stage.types(ben) == [13]
    assert [e.code for e in stage.others if isinstance(e, Close)] == [4003, 4004]
    assert not len(stage.protocol.room)


async def test_an_outbox_serves_urgent_frames_first_and_closes_when_full() -> None:
    outbox = Outbox()
    outbox.put("slow")
    outbox.put("fast", urgent=True)
    outbox.close(1000, "left")
    assert [await outbox.take() for _ in range(4)] == [
        "fast",
        "slow",
        Closing(1000, "left"),
        Closing(1000, "left"),
    ]
    full = Outbox()
    for _ in range(NORMAL_LIMIT + 1):
        full.put("x")
    assert await full.take() == Closing(1013, "too slow")
    assert full.has_overflowed


async def test_an_outbox_is_bounded_in_size_too() -> None:
    outbox, large = Outbox(), "x" * (NORMAL_CHARACTERS // 4)
    for _ in range(8):
        outbox.put(large)
        assert await outbox.take() == large
    for _ in range(5):
        outbox.put(large)
    assert await outbox.take() == Closing(1013, "too slow")


async def test_of_many_states_that_wait_only_the_last_few_are_sent() -> None:
    outbox = Outbox()
    for number in range(300):
        outbox.put(f"joined {number}", urgent=True)
        outbox.put(f"state {number}", urgent=True, state=True)
    assert not outbox.has_overflowed
    outbox.close(1000, "left")
    sent: list[str] = []
    while isinstance(item := await outbox.take(), str):
        sent.append(item)
    assert sum(item.startswith("joined") for item in sent) == 300
    states = [item for item in sent if item.startswith("state")]
    assert states == [f"state {number}" for number in range(296, 300)]
