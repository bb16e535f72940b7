/** What hosts and moderators do to a meeting and the people in it. */

import type { Http } from "./http";

/** Which of somebody's devices is meant, and whether only a moderator may switch it on again. */
export type Silence = { readonly audio: boolean; readonly video: boolean; readonly hold: boolean };

/** Calls of moderation. Every method throws `ApiError`. */
export class ModerationApi {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  async mute(meetingId: number, userId: number, silence: Silence): Promise<void> {
    await this.#post(`${base(meetingId)}/participants/${userId}/mute`, silence);
  }

  /** Lifts the block; it opens nobody's microphone. */
  async unmute(meetingId: number, userId: number, which: { audio: boolean; video: boolean }): Promise<void> {
    await this.#post(`${base(meetingId)}/participants/${userId}/unmute`, which);
  }

  async muteAll(meetingId: number, silence: Silence): Promise<void> {
    await this.#post(`${base(meetingId)}/mute-all`, silence);
  }

  async unmuteAll(meetingId: number): Promise<void> {
    await this.#post(`${base(meetingId)}/unmute-all`, { audio: true, video: true });
  }

  async setLocked(meetingId: number, locked: boolean): Promise<void> {
    await this.#post(`${base(meetingId)}/lock`, { locked });
  }

  async remove(meetingId: number, userId: number): Promise<void> {
    await this.#http.data(`${base(meetingId)}/participants/${userId}`, { method: "DELETE" });
  }

  async setRole(meetingId: number, userId: number, role: number): Promise<void> {
    await this.#http.data(`${base(meetingId)}/participants/${userId}/role`, { method: "PUT", body: { role } });
  }

  async startRecording(meetingId: number): Promise<void> {
    await this.#post(`${base(meetingId)}/recording/start`, {});
  }

  async stopRecording(meetingId: number): Promise<void> {
    await this.#post(`${base(meetingId)}/recording/stop`, {});
  }

  /** Ends the meeting for everybody. */
  async end(meetingId: number): Promise<void> {
    await this.#post(`${base(meetingId)}/end`, {});
  }

  async #post(path: string, body: unknown): Promise<void> {
    await this.#http.data(path, { method: "POST", body });
  }
}

function base(meetingId: number): string {
  return `/api/v1/meetings/${meetingId}`;
}
