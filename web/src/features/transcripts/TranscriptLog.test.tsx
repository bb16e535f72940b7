import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import type { TranscriptLine } from "../../state/transcript";
import { TranscriptLog } from "./TranscriptLog";

function line(id: string, text: string, words: TranscriptLine["words"] = []): TranscriptLine {
  return { id, userId: 1, speaker: "Anna", startedAt: new Date(0), endedAt: new Date(1000), text, language: "en", words };
}

test("a press on a word tells where it lies, and on a line without words its begin", async () => {
  const pressed: [string, number][] = [];
  const words = [
    { start_s: 0, end_s: 0.4, text: "Good" },
    { start_s: 0.4, end_s: 0.9, text: "morning" },
  ];
  const onWord = ({ id }: TranscriptLine, at_s: number) => void pressed.push([id, at_s]);
  render(<TranscriptLog lines={[line("a", "Good morning", words), line("b", "All of it")]} notes={[]} search="" currentId="b" time={() => null} noteTime={() => null} onWord={onWord} />);
  const user = userEvent.setup();
  await user.click(screen.getByText("morning"));
  await user.click(screen.getByText("All of it"));
  expect(pressed).toEqual([
    ["a", 0.4],
    ["b", 0],
  ]);
  expect(screen.getAllByText("Anna")).toHaveLength(1);
  expect(screen.getAllByTestId("transcript-line").map(({ dataset }) => dataset["current"])).toEqual(["false", "true"]);
});
