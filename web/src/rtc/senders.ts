/** What this page sends: at most one audio and one video track, and how the video is encoded. */

/** A face moves, a screen must stay legible. */
export type VideoProfile = "camera" | "screen";

export type Outgoing = {
  readonly audio: MediaStreamTrack | null;
  readonly video: MediaStreamTrack | null;
  readonly videoProfile: VideoProfile;
};

export const NOTHING: Outgoing = { audio: null, video: null, videoProfile: "camera" };

const CAMERA_MAX_BPS = 1_200_000;
const SCREEN_MAX_BPS = 2_500_000;

/** Codecs every browser decodes come first; the SFU picks the first that it can serve to the whole room. */
const CODEC_ORDER = ["video/vp8", "video/h264"];

/** The two transceivers of one peer connection: audio on m-line 0, video on m-line 1, for its whole life. */
export class Senders {
  readonly #audio: RTCRtpTransceiver;
  readonly #video: RTCRtpTransceiver;
  #outgoing: Outgoing = NOTHING;

  constructor(connection: RTCPeerConnection) {
    // Made up front, without tracks too: later devices and screens only replace tracks and never renegotiate.
    this.#audio = connection.addTransceiver("audio", { direction: "sendrecv" });
    this.#video = connection.addTransceiver("video", { direction: "sendrecv" });
    preferCodecs(this.#video);
  }

  /** Sends these tracks from now on. Rejects if the browser refuses a track. */
  async set(outgoing: Outgoing): Promise<void> {
    const before = this.#outgoing;
    this.#outgoing = outgoing;
    const changes: Promise<void>[] = [];
    if (before.audio !== outgoing.audio) changes.push(this.#audio.sender.replaceTrack(outgoing.audio));
    if (before.video !== outgoing.video) changes.push(this.#video.sender.replaceTrack(outgoing.video));
    await Promise.all(changes);
    if (before.videoProfile !== outgoing.videoProfile) await this.tuneEncoding();
  }

  /** Sets bit rate and priorities; possible once the first answer is in. */
  async tuneEncoding(): Promise<void> {
    const isScreen = this.#outgoing.videoProfile === "screen";
    const parameters = this.#video.sender.getParameters();
    const [encoding] = parameters.encodings;
    if (encoding === undefined) return; // Not negotiated yet; comes again after the answer.
    encoding.maxBitrate = isScreen ? SCREEN_MAX_BPS : CAMERA_MAX_BPS;
    parameters.degradationPreference = isScreen ? "maintain-resolution" : "balanced";
    await this.#video.sender.setParameters(parameters);
  }
}

function preferCodecs(transceiver: RTCRtpTransceiver): void {
  const codecs = RTCRtpReceiver.getCapabilities("video")?.codecs ?? [];
  const rank = (codec: { mimeType: string }): number => {
    const place = CODEC_ORDER.indexOf(codec.mimeType.toLowerCase());
    return place === -1 ? CODEC_ORDER.length : place;
  };
  const sorted = codecs.toSorted((one, other) => rank(one) - rank(other));
  if (sorted.length > 0) transceiver.setCodecPreferences(sorted);
}
