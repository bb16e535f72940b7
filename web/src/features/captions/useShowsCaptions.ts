import { useCallback, useSyncExternalStore } from "react";
import type { Captions } from "../../state/captions";
import type { Readable } from "../../state/readable";

/** Whether captions lie over the pictures. Does not draw again for every word that is said. */
export function useShowsCaptions(model: Readable<Captions>): boolean {
  const subscribe = useCallback((listener: () => void) => model.subscribe(listener), [model]);
  return useSyncExternalStore(subscribe, () => model.value.state === "on" && model.value.isShown);
}
