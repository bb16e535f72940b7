import { useCallback, useSyncExternalStore } from "react";
import type { Readable } from "./readable";

/** Draws again whenever `readable` changes, and gives its value. */
export function useReadable<T>(readable: Readable<T>): T {
  const subscribe = useCallback((listener: () => void) => readable.subscribe(listener), [readable]);
  return useSyncExternalStore(subscribe, () => readable.value);
}
