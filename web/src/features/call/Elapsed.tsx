import { useEffect, useState } from "react";
import { elapsedText } from "./elapsedText";

/** The time since a moment, counting. */
export function Elapsed({ since }: { since: Date }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 1000);
    return () => window.clearInterval(timer);
  }, []);
  return <time>{elapsedText(now - since.getTime())}</time>;
}
