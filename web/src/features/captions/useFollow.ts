import { useLayoutEffect, useRef, useState } from "react";

const AT_END_PX = 48;

/** Keeps a log at its newest entry, unless the reader has scrolled away from it. `newest` changes when there is more. */
export function useFollow(newest: string | undefined) {
  const ref = useRef<HTMLDivElement>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  const toEnd = () => {
    if (ref.current !== null) ref.current.scrollTop = ref.current.scrollHeight;
  };
  useLayoutEffect(() => {
    if (isAtEnd) toEnd();
  }, [newest, isAtEnd]);
  const onScroll = () => {
    const log = ref.current;
    if (log !== null) setAtEnd(log.scrollHeight - log.scrollTop - log.clientHeight < AT_END_PX);
  };
  return { ref, isAtEnd, toEnd, onScroll };
}
