"""One example value for each name of the API: what the OpenAPI document composes its examples from.

``field`` holds wherever that name occurs, ``Schema.field`` in that schema only; a field may also carry an
example of its own (`Field(examples=…)`), which comes first. A name that needs an example and has none fails a
test.
"""

from typing import Final

from pydantic import JsonValue

from salon.platform.examples import Vocabulary

_SDP = "v=0\r\no=- 4611 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
_PEER = "0b7c2f5e-5d5a-4c58-9d0e-6f1f1a3c9b42"
_TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjo3fQ.c2lnbmF0dXJl"  # noqa: S105  (made up, signs nothing)
_CODES: list[JsonValue] = ["k3v9-x2mq", "p7dh-4wzt"]

VOCABULARY: Final[Vocabulary] = {
    # People
    "username": "ada",
    "email": "ada@example.org",
    "emails": "ada@example.org",
    "nickname": "Ada",
    "password": "Correct-Horse-7",
    "old_password": "Correct-Horse-7",
    "new_password": "Better-Staple-8",
    "phone": "+49 30 1234567",
    "avatar": "/avatars/9f2c1d.webp",
    "name": "9f2c1d.webp",
    "avatar_url": "/avatars/9f2c1d.webp",
    "user_id": 7,
    "user_ids": 7,
    "creator_id": 7,
    "from_user_id": 7,
    "actor_id": 7,
    "actor_name": "ada",
    "ProfileRequest.nickname": "Ada",
    "ProfileRequest.phone": "+49 30 1234567",
    "AdminUserRequest.nickname": "Ada",
    "AdminUserRequest.role": 1,
    "UserProfile.id": 7,
    "GuestUser.username": "guest_9f2c1d",
    "GuestUser.role": 0,
    "is_guest": False,
    # Signing in
    "token": _TOKEN,
    "InviteRequest.user_ids": [7],
    "MuteRequest.audio": True,
    "UnmuteRequest.audio": True,
    "MediaRequest.audio_enabled": True,
    "MediaRequest.video_enabled": True,
    "InviteView.token": "Qm9va3NBcmVHb29k",
    "csrf_token": "u6ZbWq0XxJr3mCk1T2n9Vd8sLh5fYe4g",
    "code": "123456",
    "key": "s3t-up-k3y",
    "secret": "JBSWY3DPEHPK3PXP",
    "otpauth_uri": "otpauth://totp/Salon:ada?secret=JBSWY3DPEHPK3PXP&issuer=Salon",
    "qr_svg": "<svg/>",
    "RecoveryCodes.recovery_codes": _CODES,
    "recovery_codes_left": 10,
    "label": "Company account",
    "ProviderView.id": "oidc",
    "url": "https://salon.example.org/invite/Qm9va3NBcmVHb29k",
    "LinkStart.url": "https://id.example.org/authorize?client_id=salon",
    # Meetings
    "meeting_id": 42,
    "CreatedMeeting.id": 42,
    "MeetingView.id": 42,
    "SessionMeeting.id": 42,
    "SfuRoomView.id": "room_42_1741000000000000000_5f2c9a",
    "title": "Weekly review",
    "description": "What was done, what comes next",
    "start_time": "2031-05-06T09:00:00Z",
    "end_time": "2031-05-06T10:00:00Z",
    "UpdateMeetingRequest.title": "Weekly review",
    "meeting_type": "video",
    "max_participants": 100,
    "has_password": False,
    "locked": False,
    "recurrence": "FREQ=WEEKLY;COUNT=10",
    "time_zone": "Europe/Berlin",
    "host": "Ada",
    "invite": "Qm9va3NBcmVHb29k",
    "invite_id": 3,
    "content": "Hello, everybody",
    "message_id": "6d0e2c1a-1f0b-4b7e-9a57-3f6a0c2d9e11",
    "payload": '{"content":"Hello, everybody"}',
    "message_type": 8,
    "max_bitrate": 2_000_000,
    # Live
    "room_id": "room_42_1741000000000000000_5f2c9a",
    "sfu_node": "local",
    "session_id": "7_42_web_5f2c9a",
    "peer_id": _PEER,
    "SessionView.peer_id": "web_5f2c9a",
    "sdp": _SDP,
    "candidate": "candidate:1 1 UDP 2130706431 192.0.2.7 8801 typ host",
    "sdpMid": "0",
    "sdpMLineIndex": 0,
    "usernameFragment": "w9Zt",
    "neg": 1,
    "room_details": {"42": 3},
    # Recordings
    "recording_id": "9a0f3c1e-7b52-4f0e-8a55-0c6d1e2f3a4b",
    "RecordingView.id": 5,
    "by_username": "ada",
    "file_path": "/api/v1/recording/download/9a0f3c1e-7b52-4f0e-8a55-0c6d1e2f3a4b",
    "thumbnail_path": "/api/v1/recording/thumbnail/9a0f3c1e-7b52-4f0e-8a55-0c6d1e2f3a4b",
    "warning": "The server's disk is slow: parts of the recording may be missing.",
    "participants": "7",
    "job_id": "2f1e0d9c-8b7a-4695-8473-625140f3e2d1",
    "codec": "opus",
    "cause": "loss",
    "stream": "web_5f2c9a",
    "track": "a1",
    # The server
    "service": "salon",
    "version": "0.1.0",
    "timestamp": "2031-05-06T09:00:00Z",
    "Status.timestamp": 1_935_910_800,
    "page": 1,
    "page_size": 20,
    "action": "meeting.create",
    "outcome": "ok",
    "target": "meeting:42",
    "address": "192.0.2.7",
    "row_hash": "9b74c9897bac770ffc029102a200c5de",
    "last_hash": "9b74c9897bac770ffc029102a200c5de",
    "fault": "",
    "message": "success",
}
