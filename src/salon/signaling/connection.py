"""An open socket as the service sees it."""

from salon.signaling.outbox import Outbox
from salon.signaling.room import Session


class Connection:
    """One open socket: its session and what waits to be sent to it."""

    def __init__(self, session: Session, request_host: str) -> None:
        self.session = session
        self.request_host = request_host
        self.outbox = Outbox()
