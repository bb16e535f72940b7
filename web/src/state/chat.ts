/** The chat of a meeting, with its history. */

/** The wire's limit for one message. */
export const CHAT_MAX_LENGTH = 2000;

export type ChatLine = {
  readonly id: string;
  readonly author: string;
  readonly avatarUrl: string | null;
  readonly isMine: boolean;
  readonly text: string;
  readonly sentAt: Date;
  readonly state: "sent" | "sending" | "failed";
  /** Only on a failed line. */
  readonly resend?: () => void;
};

export type Chat = {
  /** Oldest first. */
  readonly lines: readonly ChatLine[];
  readonly history: "loading" | "ready" | "failed";
  /** Absent: there is nothing older. After `failed` it tries again. */
  readonly loadOlder?: () => void;
  /** Messages of others that came while the panel was closed. */
  readonly unread: number;
  /** Tell it when the panel opens and closes. */
  readonly setOpen: (isOpen: boolean) => void;
  /** Texts that are blank or longer than {@link CHAT_MAX_LENGTH} are not sent. */
  readonly send: (text: string) => void;
};
