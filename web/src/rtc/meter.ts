/** How loud a track is, measured in the page. */

import { every, type Clock } from "./clock";

const PERIOD_MS = 50;
const RESUME_PERIOD_MS = 500;
/** Below this the meter shows silence; a quiet room lies near it. */
const FLOOR_DB = -60;
const CEILING_DB = -12;
/**
 * A context plays what it hears, even if that is nothing, in small steps and with a thread of its own, as long as a
 * call lasts. Nobody listens to this one: it needs no loudspeaker (where the browser can do without) and no haste.
 */
const NOTHING_PLAYED: AudioContextOptions & { sinkId: { type: "none" } } = {
  latencyHint: "playback",
  sinkId: { type: "none" },
};

/** Loudness for a meter, 0 to 1, of samples in [-1, 1]: linear in decibels, as ears hear. */
export function loudness(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const level_db = 10 * Math.log10(sum / Math.max(1, samples.length) + 1e-12);
  return Math.min(1, Math.max(0, (level_db - FLOOR_DB) / (CEILING_DB - FLOOR_DB)));
}

/** Measures `track` some 20 times a second. The answer ends it. */
export function measure(track: MediaStreamTrack, clock: Clock, onLevel: (level: number) => void): () => void {
  const context = new AudioContext(NOTHING_PLAYED);
  const source = context.createMediaStreamSource(new MediaStream([track]));
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let askedAt_ms = -Infinity;
  const stop = every(clock, PERIOD_MS, () => {
    // Browsers start contexts suspended until the first click on the page, and leave every request before it open.
    if (context.state === "suspended" && clock.now_ms() - askedAt_ms >= RESUME_PERIOD_MS) {
      askedAt_ms = clock.now_ms();
      void context.resume().catch(() => undefined);
    }
    analyser.getFloatTimeDomainData(samples);
    onLevel(loudness(samples));
  });
  return () => {
    stop();
    source.disconnect();
    void context.close();
  };
}
