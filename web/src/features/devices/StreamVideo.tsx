import { useEffect, useRef } from "react";

/** Plays a stream without sound; what is heard comes from elsewhere, once per person. */
export function StreamVideo({ stream, className }: { stream: MediaStream | null; className: string }) {
  const ref = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = ref.current;
    if (video === null) {
      return;
    }
    video.srcObject = stream;
    if (stream !== null) {
      // A muted video may always play; it is refused only while the tab is hidden, and then starts when it is seen.
      video.play().catch(() => undefined);
    }
    return () => {
      video.srcObject = null;
    };
  }, [stream]);
  return <video ref={ref} className={className} muted autoPlay playsInline disablePictureInPicture aria-hidden="true" />;
}
