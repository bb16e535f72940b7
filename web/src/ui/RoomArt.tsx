import { useId } from "react";
import css from "./RoomArt.module.css";

const GUESTS = [
  { x: 0, y: 44, height: 172, from: "#ffc27d", to: "#f0705a", skin: "#3a1a10" },
  { x: 128, y: 0, height: 216, from: "#f58d8d", to: "#a64a9c", skin: "#2c0f2e" },
  { x: 256, y: 64, height: 152, from: "#a99bff", to: "#5a4bd0", skin: "#16103d" },
  { x: 384, y: 22, height: 194, from: "#7fd8c4", to: "#2a7f92", skin: "#06252c" },
] as const;

/** People in lit doorways. Decoration for pages that would otherwise be bare. */
export function RoomArt() {
  const id = useId();
  return (
    <svg className={css.art} viewBox="-8 -8 512 232" aria-hidden="true">
      {GUESTS.map((guest, index) => {
        const bottom = guest.y + guest.height;
        const arch = `M${guest.x} ${bottom}V${guest.y + 56}a56 56 0 0 1 112 0V${bottom}Z`;
        const middle = guest.x + 56;
        return (
          <g key={guest.x}>
            <defs>
              <linearGradient id={`${id}${index}`} x1="0" y1="0" x2="0.6" y2="1">
                <stop stopColor={guest.from} />
                <stop offset="1" stopColor={guest.to} />
              </linearGradient>
              <clipPath id={`${id}c${index}`}>
                <path d={arch} />
              </clipPath>
            </defs>
            <path d={arch} fill={`url(#${id}${index})`} />
            <g clipPath={`url(#${id}c${index})`} fill={guest.skin}>
              <circle cx={middle} cy={bottom - 84} r="25" />
              <path d={`M${middle - 44} ${bottom + 4}a44 46 0 0 1 88 0Z`} />
            </g>
            {index === 1 && <path className={css.speaking} d={arch} fill="none" />}
          </g>
        );
      })}
    </svg>
  );
}
