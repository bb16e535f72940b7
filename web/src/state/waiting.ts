/** Waiting at the door of a meeting whose host lets people in one by one. */

export type Waiting = {
  readonly state: "waiting" | "denied" | "closed";
  /** 1 is next; null until known. */
  readonly position: number | null;
  /** What a host wrote to those who wait, latest last. */
  readonly messages: readonly { readonly by: string; readonly text: string }[];
};
