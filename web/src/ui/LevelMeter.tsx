import css from "./LevelMeter.module.css";

const BARS = 14;

/** How loud the microphone is: `level` from 0 (silent) to 1 (as loud as it gets). */
export function LevelMeter({ level, label }: { level: number; label: string }) {
  const lit = Math.round(Math.min(1, Math.max(0, level)) * BARS);
  return (
    <div className={css.meter} role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round((lit / BARS) * 100)}>
      {Array.from({ length: BARS }, (_, index) => (
        <span key={index} className={css.bar} data-lit={index < lit || undefined} data-hot={index >= BARS - 2 || undefined} />
      ))}
    </div>
  );
}
