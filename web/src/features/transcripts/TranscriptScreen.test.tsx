import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Suspense } from "react";
import { I18nextProvider } from "react-i18next";
import { expect, test } from "vitest";
import { startI18n, switchLanguage } from "../../i18n";
import type { Archive } from "../../state/archive";
import { Value } from "../../state/readable";
import { TranscriptModel } from "../../state/transcriptModel";
import { ToastContext, ToastStore } from "../../ui/toastStore";
import { TooltipProvider } from "../../ui/Tooltip";
import { TranscriptScreen } from "./TranscriptScreen";

const PERSON = { id: 1, username: "anna", name: "Anna", email: "anna@example.org", avatarUrl: null, isGuest: false, rank: 1 };

function notHere(): never {
  throw new Error("This screen does not ask for it.");
}

async function open(canDelete: boolean) {
  const i18n = await startI18n();
  await switchLanguage(i18n, "en");
  const removed: number[] = [];
  const line = { id: "l1", userId: 1, speaker: "Anna", startedAt: new Date(0), endedAt: new Date(1000), text: "Good morning.", language: "en", words: [] };
  const api = {
    lines: () => Promise.resolve({ title: "Weekly", startedAt: new Date(0), lines: [line], total: 1, pageSize: 50, canDelete }),
    remove: (meetingId: number) => Promise.resolve(void removed.push(meetingId)),
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
