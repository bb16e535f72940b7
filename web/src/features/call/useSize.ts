import { useCallback, useState } from "react";

export type Size = { readonly width: number; readonly height: number };

/** The inner size of an element in CSS pixels; put `ref` on it. Zero until it is measured. */
export function useSize(): { ref: (element: HTMLElement | null) => (() => void) | undefined; size: Size } {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  const ref = useCallback((element: HTMLElement | null) => {
    if (element === null) {
      return undefined;
    }
    const measure = () => setSize({ width: element.clientWidth, height: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);
  return { ref, size };
}
