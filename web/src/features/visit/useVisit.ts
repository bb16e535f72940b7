import { useMemo } from "react";
import type { Readable } from "../../state/readable";
import type { Salon } from "../../state/salon";
import { useReadable } from "../../state/useReadable";
import type { Visit } from "../../state/visit";

/** A visit that lasts as long as somebody watches it. */
class WatchedVisit implements Readable<Visit | null> {
  readonly #open: () => Visit;
  #visit: Visit | null = null;

  constructor(open: () => Visit) {
    this.#open = open;
  }

  get value(): Visit | null {
    return this.#visit;
  }

  subscribe(listener: () => void): () => void {
    const visit = this.#open();
    this.#visit = visit;
    listener();
    return () => {
      this.#visit = null;
      visit.close();
    };
  }
}

/** A visit to a meeting for as long as the component is on the page; null until the first paint. */
export function useVisit(salon: Salon, meetingId: number): Visit | null {
  const watched = useMemo(() => new WatchedVisit(() => salon.visit(meetingId)), [salon, meetingId]);
  return useReadable(watched);
}
