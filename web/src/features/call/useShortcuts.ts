import { useEffect, useRef } from "react";
import type { Call } from "../../state/call";

export type PanelName = "people" | "chat" | "captions";

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable], [role=menu], dialog") !== null;
}

/** One key each for what is done often: M, V, S, C, P; Esc closes the panel. Not while typing. */
export function useShortcuts(call: Call, onPanel: (name: PanelName) => void, onClosePanel: () => void): void {
  const latest = useRef({ call, onPanel, onClosePanel });
  useEffect(() => {
    latest.current = { call, onPanel, onClosePanel };
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { call, onPanel, onClosePanel } = latest.current;
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      if (isTyping(event.target)) return;
      const actions: Record<string, (() => void) | undefined> = {
        m: () => call.media.microphone.value.toggle?.(),
        v: () => call.media.camera.value.toggle?.(),
        s: () => call.screenShare.value.toggle?.(),
        c: () => onPanel("chat"),
        p: () => onPanel("people"),
        escape: onClosePanel,
      };
      const action = actions[event.key.toLowerCase()];
      if (action !== undefined) {
        event.preventDefault();
        action();
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}
