import { act, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { I18nextProvider } from "react-i18next";
import { expect, test, vi } from "vitest";
import { startI18n, switchLanguage } from "../../i18n";
import type { Language } from "../../i18n/language";
import type { CaptionLine, Mood } from "../../state/captions";
import { sampleCall } from "../../testing/sampleCall";
import { ToastContext, ToastStore } from "../../ui/toastStore";
import { TooltipProvider } from "../../ui/Tooltip";
import { CallScreen } from "../call/CallScreen";

const MEETING = { id: 42, title: "Weekly round", link: "https://salon.example.org/m/42" };

async function open(language: Language = "en") {
  const i18n = await startI18n();
  await switchLanguage(i18n, language);
  const { call } = sampleCall(["Mira", "Jonas"]);
  render(
    <I18nextProvider i18n={i18n}>
      <ToastContext value={new ToastStore()}>
        <TooltipProvider>
          <CallScreen call={call} meeting={MEETING} />
        </TooltipProvider>
      </ToastContext>
    </I18nextProvider>,
  );
  return { call, user: userEvent.setup() };
}

function said(id: string, speaker: string, text: string, isFinal = true, mood: Mood | null = null): CaptionLine {
  return { id, userId: 1, speaker, startedAt: new Date(0), text, language: "en", isFinal, mood };
}

test("who may not switch captions on is told who may", async () => {
  const { user } = await open();
  await user.click(screen.getByRole("button", { name: "Captions" }));
  expect(screen.getByText(/Only hosts can switch them on/)).toBeTruthy();
  expect(screen.queryByTestId("captions-switch")).toBeNull();
});

test("a host is asked before everybody is written down", async () => {
  const { call, user } = await open();
  act(() => call.hosting.update((now) => ({ ...now, canModerate: true })));
  await user.click(screen.getByTestId("captions-button"));
  const prepare = vi.fn();
  act(() => call.captions.update((now) => ({ ...now, prepare })));
  await user.click(screen.getByTestId("captions-switch"));
  expect(prepare).toHaveBeenCalledOnce();
  expect(call.captions.value.state).toBe("off");
  expect(screen.getByRole("dialog").textContent).toContain("Everybody will be told");
  await user.click(screen.getByTestId("confirm-button"));
  expect(call.captions.value.state).toBe("on");
  expect(screen.getByTestId("captions-badge")).toBeTruthy();
});

test("what is still being guessed is seen, and only what is certain is read out", async () => {
  const { call, user } = await open();
  act(() => call.captions.update((now) => ({ ...now, state: "on", recent: [said("a", "Mira", "Good morning."), said("b", "Jonas", "Hel", false)] })));
  const lines = await screen.findAllByTestId("caption-line");
  expect(lines.map(({ dataset, textContent }) => [dataset["final"], textContent])).toEqual([
    ["true", "Mira Good morning."],
    ["false", "Jonas Hel"],
  ]);
  expect(screen.getByTestId("caption-spoken").textContent).toBe("Mira: Good morning.");
  await user.click(screen.getByTestId("captions-button"));
  await user.click(screen.getByTestId("captions-show"));
  expect(screen.queryByTestId("caption-overlay")).toBeNull();
  expect(call.captions.value.isShown).toBe(false);
});

test("everybody else is told, and the machine's trouble is told in words", async () => {
  const { call, user } = await open();
  act(() => call.captions.update((now) => ({ ...now, state: "on", by: "Anna", isNews: true, condition: "unavailable", text: "Run: salon models pull" })));
  expect(screen.getByTestId("captions-news").textContent).toContain("Anna switched captions on.");
  expect((await screen.findByTestId("caption-condition")).textContent).toContain("Run: salon models pull");
  await user.click(screen.getByTestId("captions-understood"));
  expect(screen.queryByTestId("captions-news")).toBeNull();
});

test("everything said so far can be read and searched", async () => {
  const { call, user } = await open();
  const lines = [said("a", "Mira", "The budget first."), said("b", "Mira", "Then the plan."), said("c", "Jonas", "Agreed.")];
  act(() => call.captions.update((now) => ({ ...now, state: "on", lines })));
  await user.click(screen.getByTestId("captions-button"));
  await user.click(screen.getByTestId("captions-history"));
  const panel = await screen.findByRole("complementary", { name: "What was said" });
  expect(within(panel).getAllByTestId("history-line")).toHaveLength(3);
  expect(within(panel).getAllByText("Mira")).toHaveLength(1);
  expect(within(panel).getByTestId("caption-download").getAttribute("href")).toContain("format=vtt");
  await user.type(within(panel).getByTestId("caption-search"), "BUDGET");
  expect(within(panel).getByTestId("history-line").textContent).toContain("The budget first.");
});

test.each([
  ["en", "happy", "Sounds happy (83 %): a guess from the words alone", "Moods are guesses"],
  ["zh-CN", "开心", "听起来开心（83%）：仅凭字句推测", "情绪仅凭字句推测"],
] as const)("in %s a mood is told quietly, as a guess", async (language, word, hint, note) => {
  const { call, user } = await open(language);
  const lines = [said("a", "Mira", "That is great!", true, { label: "happy", share: 0.834 }), said("b", "Jonas", "Agreed.")];
  act(() => call.captions.update((now) => ({ ...now, state: "on", lines, recent: lines })));
  const overlay = await screen.findByTestId("caption-overlay");
  expect(within(overlay).getAllByTestId("mood").map(({ title, textContent }) => [title, textContent])).toEqual([[hint, ""]]);
  expect(screen.getByTestId("caption-spoken").textContent).not.toContain(word); // What is read out is what was said.
  await user.click(screen.getByTestId("captions-button"));
  await user.click(screen.getByTestId("captions-history"));
  const history = await screen.findByTestId("caption-history");
  expect(within(history).getByRole("img", { name: hint }).textContent).toBe(word);
  expect(screen.getByText(note, { exact: false })).toBeTruthy();
});

test("without moods nothing is said of them", async () => {
  const { call, user } = await open();
  act(() => call.captions.update((now) => ({ ...now, state: "on", lines: [said("a", "Mira", "Good morning.")] })));
  await user.click(screen.getByTestId("captions-button"));
  await user.click(screen.getByTestId("captions-history"));
  expect((await screen.findByTestId("history-line")).textContent).toContain("Good morning.");
  expect(screen.queryByTestId("mood")).toBeNull();
  expect(screen.queryByText(/Moods are guesses/)).toBeNull();
});
