/** The chat of one call: history by REST, new lines by signaling, own lines shown at once. */

import type { MeetingsApi, StoredMessage } from "../api/meetings";
import type { Clock } from "../rtc/clock";
import { CHAT_MAX_LENGTH, type Chat, type ChatLine } from "./chat";
import { Value, type Readable } from "./readable";

const PAGE_SIZE = 50;
/** Without its echo by then, a line counts as not sent. */
const ECHO_DEADLINE_MS = 10_000;

export type IncomingChat = {
  readonly id: string;
  readonly userId: number;
  readonly username: string;
  readonly content: string;
  readonly sentAt: Date;
};

export type ChatModelOptions = {
  readonly api: MeetingsApi;
  readonly meetingId: number;
  readonly myId: number;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Sends a line; false when there is no signaling session now. */
  readonly transmit: (id: string, text: string) => boolean;
  /** The name to show for a user. */
  readonly nameOf: (userId: number, username: string) => string;
  /** Their picture; null if there is none or it is not known yet. */
  readonly avatarOf: (userId: number) => string | null;
  /** A line of somebody else came while the panel was closed. */
  readonly onUnread: (author: string, text: string) => void;
};

type Line = Omit<ChatLine, "resend" | "author" | "avatarUrl"> & {
  readonly serverId: number | null;
  readonly userId: number;
  readonly username: string;
};

export class ChatModel {
  readonly #options: ChatModelOptions;
  readonly #chat: Value<Chat>;
  #lines: readonly Line[] = [];
  #history: Chat["history"] = "loading";
  #hasOlder = false;
  #unread = 0;
  #isOpen = false;
  #isClosed = false;

  constructor(options: ChatModelOptions) {
    this.#options = options;
    this.#chat = new Value(this.#view());
  }

  get chat(): Readable<Chat> {
    return this.#chat;
  }

  /** Signaling is there (again): fetch what was missed, then send what is waiting. */
  async entered(): Promise<void> {
    await this.#load(null);
    for (const line of this.#lines) {
      if (line.state === "sending") this.#transmit(line.id, line.text);
    }
  }

  /** A line came by signaling; the echo of an own one confirms it. */
  receive(message: IncomingChat): void {
    const { myId, nameOf, onUnread } = this.#options;
    const { id, userId, username, content: text, sentAt } = message;
    const isMine = userId === myId;
    const known = this.#lines.some((line) => line.id === id && line.isMine === isMine);
    if (known) {
      this.#change(id, { state: "sent", sentAt });
      return;
    }
    this.#lines = [...this.#lines, { id, serverId: null, userId, username, isMine, text, sentAt, state: "sent" }];
    if (!isMine && !this.#isOpen) {
      this.#unread += 1;
      onUnread(nameOf(userId, username), text);
    }
    this.#show();
  }

  /** The server refused something; if a line is on its way, it was that one. */
  refused(): boolean {
    const line = this.#lines.find(({ state }) => state === "sending");
    if (line === undefined) return false;
    this.#change(line.id, { state: "failed" });
    return true;
  }

  /** More is known of how people call themselves. */
  refreshNames(): void {
    this.#show();
  }

  close(): void {
    this.#isClosed = true;
  }

  #send(text: string): void {
    const content = text.trim();
    if (content === "" || content.length > CHAT_MAX_LENGTH) return;
    const { newId, myId } = this.#options;
    const id = newId();
    const line = { id, serverId: null, userId: myId, username: "", isMine: true, text: content, sentAt: new Date() };
    this.#lines = [...this.#lines, { ...line, state: "sending" }];
    this.#transmit(id, content);
    this.#show();
  }

  #transmit(id: string, text: string): void {
    // Without a session the line stays "sending": entered() sends it.
    this.#options.transmit(id, text);
    this.#options.clock.after(ECHO_DEADLINE_MS, () => {
      const line = this.#lines.find((candidate) => candidate.id === id);
      if (line?.state === "sending") this.#change(id, { state: "failed" });
    });
  }

  #resend(id: string, text: string): void {
    this.#change(id, { state: "sending" });
    this.#transmit(id, text);
  }

  async #load(before: number | null): Promise<void> {
    const { api, meetingId } = this.#options;
    this.#history = "loading";
    this.#show();
    try {
      const stored = await api.messages(meetingId, PAGE_SIZE, before);
      this.#merge(stored);
      // A newest page that comes again after a reconnect says nothing about what is older.
      if (before !== null || !this.#hasOlder) this.#hasOlder = stored.length === PAGE_SIZE;
      this.#history = "ready";
    } catch (error) {
      console.warn("salon: the chat's history could not be loaded", error);
      this.#history = "failed";
    }
    this.#show();
  }

  #merge(stored: readonly StoredMessage[]): void {
    const { myId } = this.#options;
    const lines = new Map(this.#lines.map((line) => [`${line.isMine}/${line.id}`, line]));
    for (const message of stored) {
      const isMine = message.userId === myId;
      lines.set(`${isMine}/${message.messageId}`, {
        id: message.messageId,
        serverId: message.id,
        userId: message.userId,
        username: message.username,
        isMine,
        text: message.content,
        sentAt: message.createdAt,
        state: "sent",
      });
    }
    // Stable: lines of the same instant keep the order in which they came.
    this.#lines = [...lines.values()].sort((one, other) => one.sentAt.getTime() - other.sentAt.getTime());
  }

  #older(): void {
    const ids = this.#lines.flatMap((line) => (line.serverId === null ? [] : [line.serverId]));
    void this.#load(ids.length === 0 ? null : Math.min(...ids));
  }

  #setOpen(isOpen: boolean): void {
    this.#isOpen = isOpen;
    if (isOpen) this.#unread = 0;
    this.#show();
  }

  #change(id: string, change: Partial<Line>): void {
    this.#lines = this.#lines.map((line) => (line.id === id ? { ...line, ...change } : line));
    this.#show();
  }

  #show(): void {
    if (!this.#isClosed) this.#chat.set(this.#view());
  }

  #view(): Chat {
    const mayLoad = this.#history === "failed" || (this.#history === "ready" && this.#hasOlder);
    return {
      lines: this.#lines.map((line) => this.#lineView(line)),
      history: this.#history,
      ...(mayLoad ? { loadOlder: () => this.#older() } : {}),
      unread: this.#unread,
      setOpen: (isOpen) => this.#setOpen(isOpen),
      send: (text) => this.#send(text),
    };
  }

  #lineView({ id, userId, username, isMine, text, sentAt, state }: Line): ChatLine {
    const { nameOf, avatarOf } = this.#options;
    const line = { id, author: nameOf(userId, username), avatarUrl: avatarOf(userId), isMine, text, sentAt, state };
    return state === "failed" ? { ...line, resend: () => this.#resend(id, text) } : line;
  }
}
