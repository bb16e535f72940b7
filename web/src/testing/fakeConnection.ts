/** A peer connection of which a test decides what it receives and how its path fares. */

type FakeTransceiver = {
  readonly sender: RTCRtpSender;
  readonly receiver: RTCRtpReceiver;
  readonly currentDirection: RTCRtpTransceiverDirection;
  readonly direction: RTCRtpTransceiverDirection;
  readonly setCodecPreferences: () => void;
};

export class FakeConnection {
  connectionState: RTCPeerConnectionState = "new";
  onconnectionstatechange: (() => void) | null = null;
  ontrack: ((event: RTCTrackEvent) => void) | null = null;
  readonly applied: RTCSessionDescriptionInit[] = [];
  restarts = 0;
  isClosed = false;
  readonly localDescription = { sdp: "v=0 ours" };
  readonly #transceivers: FakeTransceiver[] = [];

  addTransceiver(kind: "audio" | "video", { direction }: RTCRtpTransceiverInit): FakeTransceiver {
    const transceiver = {
      sender: {
        replaceTrack: () => Promise.resolve(),
        getParameters: () => ({ encodings: [] }),
      } as unknown as RTCRtpSender,
      receiver: { track: { kind, readyState: "live", muted: false } } as unknown as RTCRtpReceiver,
      direction: direction ?? "sendrecv",
      currentDirection: direction ?? "sendrecv",
      setCodecPreferences: () => undefined,
    };
    this.#transceivers.push(transceiver);
    return transceiver;
  }

  getTransceivers(): FakeTransceiver[] {
    return this.#transceivers;
  }

  setLocalDescription(): Promise<void> {
    return Promise.resolve();
  }

  setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    this.applied.push(description);
    return Promise.resolve();
  }

  restartIce(): void {
    this.restarts += 1;
  }

  close(): void {
    this.isClosed = true;
  }

  /** A track of `streamId` comes, as an offer of the SFU brings it. */
  bring(kind: "audio" | "video", streamId: string): void {
    const transceiver = this.addTransceiver(kind, { direction: "recvonly" });
    this.ontrack?.({ transceiver, streams: [{ id: streamId }] } as unknown as RTCTrackEvent);
  }

  become(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
}
