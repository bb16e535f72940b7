import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Suspense } from "react";
import { I18nextProvider } from "react-i18next";
import { expect, test } from "vitest";
import { startI18n, switchLanguage } from "../../i18n";
import type { Language } from "../../i18n/language";
import type { Archive } from "../../state/archive";
import { Value } from "../../state/readable";
import type { VoiceNote } from "../../state/transcript";
import { TranscriptModel } from "../../state/transcriptModel";
import { ToastContext, ToastStore } from "../../ui/toastStore";
import { TooltipProvider } from "../../ui/Tooltip";
import { TranscriptScreen } from "./TranscriptScreen";

const PERSON = { id: 1, username: "anna", name: "Anna", email: "anna@example.org", avatarUrl: null, isGuest: false, rank: 1 };

function notHere(): never {
  throw new Error("This screen does not ask for it.");
}

const NOTES: readonly VoiceNote[] = [
  { userId: 2, speaker: "Bo", isSuspicious: true, at: new Date(2000) },
  { userId: 2, speaker: "Bo", isSuspicious: false, at: new Date(9000) },
];

async function open(canDelete: boolean, notes: readonly VoiceNote[] = [], language: Language = "en") {
  const i18n = await startI18n();
  await switchLanguage(i18n, language);
  const removed: number[] = [];
  const line = (id: string, at_ms: number, text: string) => ({ id, userId: 1, speaker: "Anna", startedAt: new Date(at_ms), endedAt: new Date(at_ms + 1000), text, language: "en", words: [] });
  const lines = [line("l1", 0, "Good morning."), line("l2", 3000, "The budget first.")];
  const api = {
    lines: () => Promise.resolve({ title: "Weekly", startedAt: new Date(0), lines, total: 2, pageSize: 50, canDelete }),
    remove: (meetingId: number) => Promise.resolve(void removed.push(meetingId)),
    voices: () => Promise.resolve(notes),
  };
  const archive: Archive = {
    recordings: notHere,
    player: notHere,
    library: notHere,
    transcripts: notHere,
    transcriptOfRecording: notHere,
    transcript: (meetingId) => new TranscriptModel(api, () => Promise.resolve({ meetingId })),
    minutes: () => ({ state: new Value({ state: "none" }), reload: () => undefined }),
  };
  const arrival = Promise.resolve(archive);
  await act(async () => {
    render(
      <I18nextProvider i18n={i18n}>
        <ToastContext value={new ToastStore()}>
          <TooltipProvider>
            <Suspense fallback={null}>
              <TranscriptScreen salon={{ archive: () => arrival }} account={{ state: "signedIn", person: PERSON, signOut: () => undefined }} meetingId={7} />
            </Suspense>
          </TooltipProvider>
        </ToastContext>
      </I18nextProvider>,
    );
    await arrival;
  });
  expect(await screen.findByText("Good morning.")).toBeTruthy();
  return { user: userEvent.setup(), removed };
}

test("who may delete is asked first", async () => {
  const { user, removed } = await open(true);
  await user.click(screen.getByTestId("transcript-delete"));
  expect(removed).toEqual([]);
  await user.click(screen.getByTestId("confirm-button"));
  expect(removed).toEqual([7]);
});

test("who may not delete is offered everything else", async () => {
  await open(false);
  expect(screen.getByTestId("transcript-download")).toBeTruthy();
  expect(screen.queryByTestId("transcript-delete")).toBeNull();
});

test.each([
  ["en", "Voice of Bo: may be synthetic, a guess", "Voice of Bo: no longer seems synthetic", "can be wrong"],
  ["zh-CN", "Bo 的声音：可能是合成的（仅为推测）", "Bo 的声音：不再像是合成的", "可能有误"],
] as const)("in %s what was noted of voices stands between the lines at its time, and steps aside for a search", async (language, suspicious, cleared, guess) => {
  const { user } = await open(true, NOTES, language);
  await screen.findAllByTestId("voice-note");
  const rows = [...screen.getByTestId("transcript-lines").children].map(({ textContent }) => textContent);
  expect(rows[0]).toContain("Good morning.");
  expect(rows[1]).toContain(suspicious);
  expect(rows[2]).toContain("The budget first.");
  expect(rows[3]).toContain(cleared);
  expect(screen.getByText(guess, { exact: false })).toBeTruthy();
  await user.type(screen.getByTestId("transcript-search"), "budget");
  expect(screen.queryByTestId("voice-note")).toBeNull();
  expect(screen.getAllByTestId("transcript-line")).toHaveLength(1);
});

test("a transcript without notes says nothing of voices", async () => {
  await open(true);
  expect(screen.queryByTestId("voice-note")).toBeNull();
  expect(screen.queryByText(/voice/i)).toBeNull();
});
