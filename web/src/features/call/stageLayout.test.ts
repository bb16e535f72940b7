import { describe, expect, test } from "vitest";
import { layoutStage, type Box, type StageTile } from "./stageLayout";

const WIDE = { width: 1200, height: 660, gap: 12 };
const PHONE = { width: 344, height: 600, gap: 6 };

function people(count: number, large?: number): StageTile[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `t${index}`,
    isLocal: index === 0,
    isLarge: index === large,
  }));
}

function overlap(a: Box, b: Box): boolean {
  return (
    a.x + a.width > b.x + 0.5 && b.x + b.width > a.x + 0.5 && a.y + a.height > b.y + 0.5 && b.y + b.height > a.y + 0.5
  );
}

describe("layoutStage", () => {
  test.each([3, 4, 7, 12, 25, 49, 100])("places %i people side by side, inside the width", (count) => {
    for (const space of [WIDE, PHONE]) {
      const { boxes, contentHeight_px } = layoutStage(people(count), space);
      const all = [...boxes.values()];
      expect(all).toHaveLength(count);
      for (const box of all) {
        expect(box.x).toBeGreaterThanOrEqual(-0.5);
        expect(box.x + box.width).toBeLessThanOrEqual(space.width + 0.5);
        expect(box.y + box.height).toBeLessThanOrEqual(contentHeight_px + 0.5);
        expect(box.width).toBeGreaterThan(90);
      }
      expect(all.some((box, index) => all.slice(index + 1).some((other) => overlap(box, other)))).toBe(false);
    }
  });

  test("scrolls on a phone rather than shrink below what can be read", () => {
    expect(layoutStage(people(4), PHONE).contentHeight_px).toBe(PHONE.height);
    expect(layoutStage(people(60), PHONE).contentHeight_px).toBeGreaterThan(PHONE.height);
  });

  test("keeps people in reading order", () => {
    const boxes = [...layoutStage(people(9), WIDE).boxes.values()];
    const places = boxes.map((box) => box.y * 10_000 + box.x);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  test("gives one other person the whole stage, and lays the own picture into its corner", () => {
    const { boxes, mode } = layoutStage(people(2), WIDE);
    expect(mode).toBe("pair");
    expect(boxes.get("t1")).toEqual({ x: 0, y: 0, width: 1200, height: 660 });
    const own = boxes.get("t0");
    expect(own?.width).toBeLessThan(300);
    expect((own?.x ?? 0) + (own?.width ?? 0)).toBeLessThan(1200);
  });

  test("lifts the own picture out of the way of captions", () => {
    for (const space of [WIDE, PHONE]) {
      const own = layoutStage(people(2), { ...space, hasCaptions: true }).boxes.get("t0");
      expect((own?.y ?? 0) + (own?.height ?? 0)).toBeLessThan(space.height / 2);
    }
  });

  test("gives a shared screen most of the stage, whoever else is there", () => {
    for (const space of [WIDE, PHONE]) {
      for (const count of [2, 3, 8, 20]) {
        const { boxes } = layoutStage(people(count, 1), space);
        const screen = boxes.get("t1");
        const area = (screen?.width ?? 0) * (screen?.height ?? 0);
        expect(area).toBeGreaterThan(0.55 * space.width * space.height);
        const others = [...boxes].filter(([id]) => id !== "t1").map(([, box]) => box);
        expect(others).toHaveLength(count - 1);
        expect(screen !== undefined && others.some((box) => overlap(screen, box))).toBe(false);
      }
    }
  });

  test("fills the stage while somebody is alone, and survives a stage without room", () => {
    expect(layoutStage(people(1), PHONE).boxes.get("t0")).toEqual({ x: 0, y: 0, width: 344, height: 600 });
    expect(layoutStage(people(5), { width: 0, height: 0, gap: 6 }).boxes.size).toBe(0);
    expect(layoutStage([], WIDE).boxes.size).toBe(0);
  });
});
