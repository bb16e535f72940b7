import { act, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { I18nextProvider } from "react-i18next";
import { expect, test } from "vitest";
import { startI18n, switchLanguage } from "../../i18n";
import { Toaster } from "../../ui/Toaster";
import { TooltipProvider } from "../../ui/Tooltip";
import { ToastContext, ToastStore } from "../../ui/toastStore";
import { CallScreen } from "./CallScreen";
import { sampleCall, tilesOf } from "../../testing/sampleCall";

const MEETING = { id: 42, title: "Weekly round", link: "https://salon.example.org/m/42" };

async function open(names: string[], language: "en" | "zh-CN" = "en") {
  const i18n = await startI18n();
  await switchLanguage(i18n, language);
  const { call, sent } = sampleCall(names);
  render(
    <I18nextProvider i18n={i18n}>
      <ToastContext value={new ToastStore()}>
        <TooltipProvider>
          <CallScreen call={call} meeting={MEETING} />
        </TooltipProvider>
        <Toaster label="Messages" dismissLabel="Dismiss" />
      </ToastContext>
    </I18nextProvider>,
  );
  return { call, sent, user: userEvent.setup() };
}

test("people keep their places and their elements while others speak, mute and leave", async () => {
  const { call } = await open(["Mira", "Jonas", "Li Jing"]);
  const [jonas, liJing] = screen.getAllByTestId("tile");
  expect(jonas?.dataset["name"]).toBe("Jonas");
  act(() => call.speaking.set(new Set(["tile-2"])));
  expect(liJing?.dataset["speaking"]).toBe("true");
  expect(screen.getAllByTestId("tile")).toEqual([jonas, liJing]);
  act(() =>
    call.grid.set({
      tiles: tilesOf("Mira", "Jonas", "Li Jing").filter((tile) => tile.name !== "Jonas"),
    }),
  );
  expect(screen.getAllByTestId("tile")).toEqual([liJing]);
  expect(screen.getByTestId("local-tile").textContent).toContain("Mira (you)");
});

test("a muted person is marked in words too", async () => {
  const { call } = await open(["Mira", "Jonas"]);
  const tile = screen.getByTestId("tile");
  expect(within(tile).queryByText(/microphone off/)).toBeNull();
  act(() => call.grid.update(({ tiles }) => ({ tiles: tiles.map((each) => ({ ...each, isMuted: true })) })));
  expect(within(tile).getByText(/microphone off/)).toBeTruthy();
});

test("one key each: microphone, camera, screen, people, chat; Esc closes the panel", async () => {
  const { call, user } = await open(["Mira", "Jonas"]);
  await user.keyboard("m");
  expect(call.media.microphone.value.isMuted).toBe(true);
  expect(screen.getByRole("button", { name: "Unmute microphone" })).toBeTruthy();
  await user.keyboard("v");
  expect(call.media.camera.value.isOn).toBe(false);
  await user.keyboard("s");
  expect(screen.getByRole("button", { name: "Stop sharing" })).toBeTruthy();
  await user.keyboard("p");
  expect(within(screen.getByTestId("people-list")).getByText("Mira (you)")).toBeTruthy();
  await user.keyboard("c");
  expect(screen.queryByTestId("people-list")).toBeNull();
  expect(screen.getByTestId("chat-input")).toBeTruthy();
  await user.keyboard("{Escape}");
  expect(screen.queryByTestId("chat-input")).toBeNull();
});

test("keys write while somebody is typing, and do nothing else", async () => {
  const { call, user } = await open(["Mira", "Jonas"]);
  await user.click(screen.getByTestId("chat-button"));
  await user.click(screen.getByTestId("chat-input"));
  await user.keyboard("mvps");
  expect(call.media.microphone.value.isMuted).toBe(false);
  expect(screen.getByTestId("chat-input")).toHaveProperty("value", "mvps");
});

test("Enter sends, Shift with Enter makes a line, a word being composed is not sent", async () => {
  const { sent, user } = await open(["Mira", "Jonas"]);
  await user.click(screen.getByTestId("chat-button"));
  const input = screen.getByTestId("chat-input");
  await user.type(input, "one{Shift>}{Enter}{/Shift}two{Enter}");
  expect(sent).toEqual(["one\ntwo"]);
  expect(input).toHaveProperty("value", "");
  await user.type(input, "   {Enter}");
  await user.type(input, "ni");
  act(() => void input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, isComposing: true })));
  expect(sent).toEqual(["one\ntwo"]);
});

test("a message that is too long says by how much and is not sent", async () => {
  const { sent, user } = await open(["Mira"]);
  await user.click(screen.getByTestId("chat-button"));
  await user.click(screen.getByTestId("chat-input"));
  await user.paste("x".repeat(2003));
  expect(screen.getByText("3 characters too many")).toBeTruthy();
  await user.keyboard("{Enter}");
  expect(sent).toEqual([]);
  expect(screen.getByTestId("chat-send").getAttribute("aria-disabled")).toBe("true");
});

test("unread messages are counted on the button until the panel opens", async () => {
  const { call, user } = await open(["Mira", "Jonas"]);
  act(() => call.chat.update((now) => ({ ...now, unread: 2 })));
  await user.click(screen.getByRole("button", { name: "Chat, 2 unread messages" }));
  expect(call.chat.value.unread).toBe(0);
  expect(screen.getByRole("button", { name: "Chat" })).toBeTruthy();
});

test("a broken line is announced, and the announcement goes when it holds again", async () => {
  const { call } = await open(["Mira", "Jonas"]);
  expect(screen.getByTestId("connection-state").dataset["state"]).toBe("connected");
  act(() => call.connection.set({ state: "reconnecting" }));
  expect(screen.getByTestId("connection-banner").textContent).toContain("You stay in the meeting");
  act(() => call.connection.set({ state: "connected" }));
  expect(screen.queryByTestId("connection-banner")).toBeNull();
});

test("what happens in the call is told in a toast, in the person's language", async () => {
  const { call } = await open(["王小明", "李静"], "zh-CN");
  act(() => call.notices.announce({ kind: "joined", name: "陈伟" }));
  expect(screen.getByTestId("toast").textContent).toContain("陈伟 进来了");
  expect(screen.getByRole("button", { name: "静音" })).toBeTruthy();
  expect(screen.getByRole("button", { name: "离开" })).toBeTruthy();
});

test("somebody alone is given the link, until company comes", async () => {
  const { call } = await open(["Mira"]);
  expect(screen.getByLabelText("Meeting link")).toHaveProperty("value", MEETING.link);
  act(() => call.grid.set({ tiles: tilesOf("Mira", "Jonas") }));
  expect(screen.queryByLabelText("Meeting link")).toBeNull();
});

test("a device that does not start says what to do", async () => {
  const { call } = await open(["Mira"]);
  act(() => call.notices.announce({ kind: "deviceTrouble", trouble: "denied" }));
  expect(screen.getByTestId("toast").textContent).toContain("address bar");
});
