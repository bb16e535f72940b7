"""Refusals about recordings."""

from salon.platform.errors import BadRequest, Conflict, NotAllowed, NotFound, Unavailable


class RecordingNotFound(NotFound):
    """No such recording, or not for this caller."""

    kind = "recording_not_found"
    text = "There is no such recording. It may have been deleted."


class NothingRunning(NotFound):
    """The meeting was never recorded."""

    kind = "nothing_running"
    text = "This meeting is not being recorded."


class NotReady(NotFound):
    """The file is not there, or not yet."""

    kind = "recording_not_ready"
    text = "This recording is not finished yet. Ask again when its status is completed."


class NothingRecorded(NotFound):
    """Nobody sent anything while it ran."""

    kind = "nothing_recorded"
    text = "Nothing was recorded: nobody sent sound or a picture while this recording ran."


class AlreadyRecording(Conflict):
    """One at a time."""

    kind = "already_recording"
    text = "This meeting is being recorded already. Stop that recording first."


class OtherRoom(BadRequest):
    """Room and meeting do not belong together."""

    kind = "other_room"
    text = "room_id: this is not the room of that meeting. Leave it as the join answered it."


class NotYours(NotAllowed):
    """A participant who may look, but not act."""

    kind = "not_yours"
    text = "Only a host of the meeting, or who started this recording, may do this."


class StorageUsedUp(NotAllowed):
    """The caller's recordings fill their share."""

    kind = "storage_used_up"

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(
            f"Your recordings fill the space that one account has ({limit_bytes // 2**20} MB). "
            "Delete some of them first."
        )


class DiskFull(Unavailable):
    """The server's disk has no room to spare."""

    kind = "disk_full"
    text = "The server's disk is almost full, so nothing can be recorded. Tell whoever runs this server."


class RecorderBusy(Unavailable):
    """The engine did not take the command."""

    kind = "recorder_busy"
    text = "The recorder is busy. Try again in a moment."
