import { lazy, Suspense, type ComponentType } from "react";
import type { VoiceBadgeProps } from "./VoiceBadge";

/** Few calls ever have one, so it comes when it is needed. If it cannot be loaded, that must not take the call down. */
const LazyBadge = lazy(async (): Promise<{ default: ComponentType<VoiceBadgeProps> }> => {
  try {
    return { default: (await import("./VoiceBadge")).VoiceBadge };
  } catch (fault) {
    console.warn("salon: a part of the page could not be loaded", fault);
    return { default: () => null };
  }
});

type VoiceMarkProps = Omit<VoiceBadgeProps, "warning"> & { warning: VoiceBadgeProps["warning"] | undefined };

/** The badge of a voice that may be synthetic; nothing without a warning. */
export function VoiceMark({ warning, ...rest }: VoiceMarkProps) {
  if (warning === undefined) return null;
  return (
    <Suspense fallback={null}>
      <LazyBadge warning={warning} {...rest} />
    </Suspense>
  );
}
