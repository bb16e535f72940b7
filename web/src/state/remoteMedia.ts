/** What is received of each member: the tracks of the connection, sorted to the people who send them. */

import type { RemoteTrack } from "../rtc/mediaPeer";
import type { Tile } from "./call";
import { shownName, type Member } from "./roster";

/** The tracks that are received now, by the stream they belong to. */
export class RemoteMedia {
  readonly #onChange: () => void;
  readonly #streams = new WeakMap<MediaStreamTrack, MediaStream>();
  #tracks: readonly RemoteTrack[] = [];

  /** `onChange` hears when a track begins or ceases to flow. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  replace(tracks: readonly RemoteTrack[]): void {
    for (const { track } of this.#tracks) track.onmute = track.onunmute = track.onended = null;
    this.#tracks = tracks;
    for (const { track } of tracks) {
      track.onmute = track.onunmute = track.onended = () => this.#onChange();
    }
  }

  /** What there is to hear, but for these streams. */
  audioTracksBut(streamIds: ReadonlySet<string>): readonly MediaStreamTrack[] {
    const heard = this.#tracks.filter(({ kind, streamId }) => kind === "audio" && !streamIds.has(streamId));
    return heard.map(({ track }) => track);
  }

  /** Something that a member announced does not come (yet). */
  isMissing({ peerId, media }: Member): boolean {
    const lacksAudio = media.audio && this.#find(peerId, "audio") === null;
    const lacksVideo = (media.video || media.screen) && this.#find(peerId, "video") === null;
    return lacksAudio || lacksVideo;
  }

  tile(member: Member): Tile {
    const { peerId, media, tells, awaySince_ms } = member;
    const audio = this.#find(peerId, "audio");
    const video = this.#find(peerId, "video");
    // A browser calls a track muted until its first packet. Clients that tell nothing are taken by what flows.
    const showsVideo = media.video || media.screen || (!tells.video && video?.muted === false);
    const isHeard = media.audio || (!tells.audio && audio?.muted === false);
    return {
      id: peerId,
      streamId: peerId,
      name: shownName(member),
      avatarUrl: member.avatarUrl,
      isLocal: false,
      video: showsVideo && video !== null && !video.muted ? this.#stream(video) : null,
      isScreen: media.screen,
      isMuted: !isHeard,
      isConnecting: awaySince_ms !== null || this.isMissing(member) || (showsVideo && video !== null && video.muted),
    };
  }

  #find(streamId: string, kind: RemoteTrack["kind"]): MediaStreamTrack | null {
    const found = this.#tracks.find((track) => track.streamId === streamId && track.kind === kind);
    return found !== undefined && found.track.readyState === "live" ? found.track : null;
  }

  /** Always the same stream for a track: a new one would make the picture blink. */
  #stream(track: MediaStreamTrack): MediaStream {
    let stream = this.#streams.get(track);
    if (stream === undefined) {
      stream = new MediaStream([track]);
      this.#streams.set(track, stream);
    }
    return stream;
  }
}
