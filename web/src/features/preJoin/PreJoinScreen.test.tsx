import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { I18nextProvider } from "react-i18next";
import { expect, test } from "vitest";
import { startI18n, switchLanguage } from "../../i18n";
import type { DeviceTrouble } from "../../state/media";
import type { VisitState } from "../../state/visit";
import { sampleMedia } from "../../testing/sampleCall";
import { TooltipProvider } from "../../ui/Tooltip";
import { PreJoinScreen } from "./PreJoinScreen";

type PreJoin = Extract<VisitState, { stage: "preJoin" }>;

const PERSON = { id: 1, username: "mira", name: "Mira", email: "mira@example.org", avatarUrl: null, isGuest: false, rank: 1 };
const MEETING = { id: 42, title: null, link: "https://salon.example.org/m/42" };

async function open(change: Partial<PreJoin> = {}) {
  const i18n = await startI18n();
  await switchLanguage(i18n, "en");
  const joins: (string | undefined)[] = [];
  const state: PreJoin = {
    stage: "preJoin",
    isJoining: false,
    needsPassword: false,
    problem: null,
    join: (password) => void joins.push(password),
    ...change,
  };
  const media = sampleMedia();
  render(
    <I18nextProvider i18n={i18n}>
      <TooltipProvider>
        <PreJoinScreen person={PERSON} meeting={MEETING} media={media} state={state} />
      </TooltipProvider>
    </I18nextProvider>,
  );
  return { user: userEvent.setup(), media, joins };
}

test("joins with the microphone and camera as they were left", async () => {
  const { user, media, joins } = await open();
  expect(screen.getByRole("heading", { level: 1 }).textContent).toBe("No. 42");
  await user.click(screen.getByRole("button", { name: "Mute microphone" }));
  await user.click(screen.getByRole("button", { name: "Turn camera off" }));
  expect([media.microphone.value.isMuted, media.camera.value.isOn]).toEqual([true, false]);
  await user.click(screen.getByTestId("join-button"));
  expect(joins).toEqual([undefined]);
});

test("asks for the password of the meeting, and says when it is wrong", async () => {
  const { user, joins } = await open({ needsPassword: true, problem: { kind: "passwordWrong", detail: "" } });
  expect(screen.getByText(/password is not right/)).toBeTruthy();
  await user.type(screen.getByLabelText("Meeting password"), "sesame{Enter}");
  expect(joins).toEqual(["sesame"]);
});

test("takes no second press while it is joining", async () => {
  const { user, joins } = await open({ isJoining: true });
  await user.click(screen.getByRole("button", { name: "Joining…" }));
  expect(joins).toEqual([]);
});

test.each<[DeviceTrouble, RegExp]>([
  ["denied", /lock sign in the address bar/],
  ["notFound", /Plug one in/],
  ["inUse", /Close that program/],
  ["insecure", /https or localhost/],
  ["lost", /Choose another one/],
  ["other", /choose another device/],
])("says in words what to do when a device is %s, and joining stays possible", async (trouble, words) => {
  const { user, media, joins } = await open();
  act(() => media.setTrouble(trouble));
  expect(screen.getByText(words)).toBeTruthy();
  await user.click(screen.getByTestId("join-button"));
  expect(joins).toHaveLength(1);
});
