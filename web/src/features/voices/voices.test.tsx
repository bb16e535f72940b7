import { act, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { I18nextProvider } from "react-i18next";
import { expect, test } from "vitest";
import { startI18n, switchLanguage } from "../../i18n";
import type { Language } from "../../i18n/language";
import type { Notice } from "../../state/call";
import type { Announcer } from "../../state/readable";
import type { VoiceState } from "../../state/voices";
import { VoicesModel } from "../../state/voicesModel";
import { sampleCall } from "../../testing/sampleCall";
import { Toaster } from "../../ui/Toaster";
import { ToastContext, ToastStore } from "../../ui/toastStore";
import { TooltipProvider } from "../../ui/Tooltip";
import { CallScreen } from "../call/CallScreen";

const MEETING = { id: 42, title: "Weekly round", link: "https://salon.example.org/m/42" };

/** A call whose voices are told as a server tells them, to the model that real calls have. */
async function open(language: Language = "en") {
  const i18n = await startI18n();
  await switchLanguage(i18n, language);
  const { call } = sampleCall(["Mira", "Jonas", "Li Jing"]);
  const notices: Announcer<Notice> = call.notices;
  const model = new VoicesModel({
    ownStreamId: "web_0",
    hosting: call.hosting,
    announce: (notice) => notices.announce(notice),
    nameOf: (userId) => call.people.value.find((person) => person.userId === userId)?.name ?? null,
  });
  render(
    <I18nextProvider i18n={i18n}>
      <ToastContext value={new ToastStore()}>
        <TooltipProvider>
          <CallScreen call={{ ...call, voices: model.voices }} meeting={MEETING} />
        </TooltipProvider>
        <Toaster label="Messages" dismissLabel="Dismiss" />
      </ToastContext>
    </I18nextProvider>,
  );
  const hear = (state: VoiceState, userId = 1, speech_s = 12.4) =>
    act(() => model.take({ kind: "voiceState", speakerKey: `web_${userId}`, userId, speaker: "", state, speech_s }));
  const tile = (name: string) => {
    const found = screen.getAllByTestId("tile").find(({ dataset }) => dataset["name"] === name);
    if (found === undefined) throw new Error(`no tile of ${name}`);
    return within(found);
  };
  return { model, hear, tile, user: userEvent.setup() };
}

test("a voice that becomes suspicious is marked on its tile and in the list, with one notice; cleared, the marks go", async () => {
  const { hear, tile, user } = await open();
  await user.keyboard("p");
  hear("ok");
  hear("no_data", 2);
  expect(screen.queryByTestId("voice-badge")).toBeNull();
  hear("suspicious");
  expect((await tile("Jonas").findByRole("button", { name: "Voice may be synthetic: Jonas" })).textContent).toBe("Voice may be synthetic");
  expect(tile("Li Jing").queryByTestId("voice-badge")).toBeNull();
  expect(within(screen.getByTestId("people-list")).getAllByTestId("voice-badge")).toHaveLength(1);
  hear("suspicious", 1, 30);
  expect(screen.getAllByTestId("toast").map(({ textContent }) => textContent)).toEqual([
    "The voice of Jonas may be synthetic. It is a guess: ask them something only they would know.",
  ]);
  hear("ok");
  expect(screen.queryByTestId("voice-badge")).toBeNull();
});

test.each([
  ["en", "Voice may be synthetic: Jonas", ["This is a guess and can be wrong", "call them back another way", "Based on 12 seconds of speech", "Only hosts and moderators see this."]],
  ["zh-CN", "声音可能是合成的：Jonas", ["这只是推测，可能有误", "换一种方式回拨", "依据 12 秒的发言", "只有主持人和管理员能看到。"]],
] as const)("in %s a press says that it is a guess and what to do, without a percentage or an accusation", async (language, name, texts) => {
  const { hear, tile, user } = await open(language);
  hear("suspicious");
  await user.click(await tile("Jonas").findByRole("button", { name }));
  const details = screen.getByRole("dialog", { name });
  for (const text of texts) expect(details.textContent).toContain(text);
  expect(details.textContent).not.toMatch(/%|fake|伪造|假/i);
  expect(details).toBe(document.activeElement);
  await user.keyboard("{Escape}");
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(tile("Jonas").getByTestId("voice-badge")).toBe(document.activeElement);
});

test("who dismisses it does not see it again before that voice was well", async () => {
  const { hear, tile, user } = await open();
  await user.keyboard("p");
  hear("suspicious");
  hear("suspicious", 2);
  await user.click(await tile("Jonas").findByTestId("voice-badge"));
  await user.click(screen.getByTestId("voice-dismiss"));
  expect(screen.queryByRole("dialog")).toBeNull();
  hear("suspicious", 1, 60);
  expect(screen.getAllByTestId("voice-badge").map((badge) => badge.getAttribute("aria-label"))).toEqual(["Voice may be synthetic: Li Jing", "Voice may be synthetic: Li Jing"]);
  hear("ok");
  hear("suspicious");
  expect(tile("Jonas").getByTestId("voice-badge")).toBeTruthy();
});

test("with the person the mark and what is open about it go", async () => {
  const { model, hear, tile, user } = await open();
  hear("suspicious");
  await user.click(await tile("Jonas").findByTestId("voice-badge"));
  expect(screen.getByTestId("voice-details")).toBeTruthy();
  act(() => model.keepOnly(["web_2"]));
  expect(screen.queryByTestId("voice-badge")).toBeNull();
  expect(screen.queryByTestId("voice-details")).toBeNull();
});
