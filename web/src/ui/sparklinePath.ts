type Frame = { readonly width: number; readonly height: number; readonly slots: number };

/** Keeps the line off the edges, where half of its width would be cut. */
const MARGIN = 3;

/**
 * SVG paths of a small curve of figures from 0 up: the newest at the right edge, `slots` of them from edge to edge. The
 * highest reaches the top, unless all are 0; a single one is a level line.
 */
export function sparkline(values: readonly number[], { width, height, slots }: Frame) {
  const shown = values.slice(-slots);
  const highest = Math.max(1, ...shown);
  const step = width / Math.max(1, slots - 1);
  const points = shown.map((value, index) => ({
    x: round(width - (shown.length - 1 - index) * step),
    y: round(height - MARGIN - (value / highest) * (height - 2 * MARGIN)),
  }));
  const first = points[0];
  const end = points.at(-1);
  if (first === undefined || end === undefined) return { line: "", area: "", end: null };
  const line = points.map(({ x, y }, index) => `${index === 0 ? "M" : "L"}${x} ${y}`).join("");
  return { line, area: `${line}L${end.x} ${height}L${first.x} ${height}Z`, end };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
