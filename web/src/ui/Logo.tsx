import { useId } from "react";

/** The mark: a lit doorway with somebody in it. Decoration; the name stands beside it. */
export function Logo({ size = 32 }: { size?: number }) {
  const id = useId();
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <defs>
        <linearGradient id={id} x1="6" y1="2" x2="26" y2="30" gradientUnits="userSpaceOnUse">
          <stop stopColor="#ffc27d" />
          <stop offset="1" stopColor="#f0705a" />
        </linearGradient>
      </defs>
      <path d="M5 29V14a11 11 0 0 1 22 0v15a1.5 1.5 0 0 1-1.5 1.5h-19A1.5 1.5 0 0 1 5 29Z" fill={`url(#${id})`} />
      <circle cx="16" cy="14.5" r="4.2" fill="#2b1208" />
      <path d="M8.6 30.5a7.4 7.4 0 0 1 14.8 0Z" fill="#2b1208" />
    </svg>
  );
}
