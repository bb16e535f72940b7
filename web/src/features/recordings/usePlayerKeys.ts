import { useEffect, type RefObject } from "react";
import type { Playback } from "../../state/playback";

/** Fills the screen with the element, or gives it back. A browser that cannot (a phone) leaves it as it is. */
export function toggleFullscreen(element: HTMLElement | null): void {
  const change = document.fullscreenElement === null ? element?.requestFullscreen() : document.exitFullscreen();
  change?.catch(() => undefined); // Refused: the page stays as it is, and is still usable.
}

/** Plays by keyboard; keys that a field or an open menu needs are left to it. */
export function usePlayerKeys(playback: Playback, frame: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const keys: Readonly<Record<string, () => void>> = {
      " ": () => playback.toggle(),
      k: () => playback.toggle(),
      j: () => playback.skip(-10),
      l: () => playback.skip(10),
      ArrowLeft: () => playback.skip(-5),
      ArrowRight: () => playback.skip(5),
      m: () => playback.toggleMuted(),
      f: () => toggleFullscreen(frame.current),
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const { target } = event;
      const isControl = target instanceof Element && target.closest("input, textarea, select, [role=menu], dialog") !== null;
      const isButton = target instanceof Element && target.closest("button, a, [role=button]") !== null;
      if (isControl || (isButton && event.key === " ")) return;
      const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [playback, frame]);
}
