import { act, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { I18nextProvider } from "react-i18next";
import { expect, test } from "vitest";
import { startI18n, switchLanguage } from "../../i18n";
import type { CaptionLine } from "../../state/captions";
import { sampleCall } from "../../testing/sampleCall";
import { ToastContext, ToastStore } from "../../ui/toastStore";
import { TooltipProvider } from "../../ui/Tooltip";
import { CallScreen } from "../call/CallScreen";

const MEETING = { id: 42, title: "Weekly round", link: "https://salon.example.org/m/42" };

async function open() {
  const i18n = await startI18n();
  await switchLanguage(i18n, "en");
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

function said(id: string, speaker: string, text: string, isFinal = true): CaptionLine {
  return { id, userId: 1, speaker, startedAt: new Date(0), text, language: "en", isFinal };
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
  await user.click(screen.getByTestId("captions-switch"));
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
