import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { I18nextProvider } from "react-i18next";
import { expect, test } from "vitest";
import { startI18n, switchLanguage } from "../../i18n";
import type { Registration } from "../../state/account";
import type { Problem } from "../../state/problem";
import { TooltipProvider } from "../../ui/Tooltip";
import { SignInScreen } from "./SignInScreen";

async function open(problem: Problem | null = null) {
  const i18n = await startI18n();
  await switchLanguage(i18n, "en");
  const signedIn: [string, string][] = [];
  const signedUp: Registration[] = [];
  let cleared = 0;
  const account = {
    state: "signedOut" as const,
    isBusy: false,
    problem,
    providers: [],
    secondFactor: null,
    signIn: (name: string, password: string) => void signedIn.push([name, password]),
    signUp: (registration: Registration) => void signedUp.push(registration),
    clearProblem: () => void (cleared += 1),
  };
  render(
    <I18nextProvider i18n={i18n}>
      <TooltipProvider>
        <SignInScreen account={account} isInvited={false} />
      </TooltipProvider>
    </I18nextProvider>,
  );
  return { user: userEvent.setup(), signedIn, signedUp, cleared: () => cleared };
}

test("signs in with a name and a password, with Enter", async () => {
  const { user, signedIn } = await open();
  await user.type(screen.getByLabelText("User name or e-mail"), " mira ");
  await user.type(screen.getByLabelText("Password"), "Tr4vel-light{Enter}");
  expect(signedIn).toEqual([["mira", "Tr4vel-light"]]);
});

test("an empty form is not sent and says what is missing", async () => {
  const { user, signedIn } = await open();
  await user.click(screen.getByRole("button", { name: "Sign in" }));
  expect(signedIn).toEqual([]);
  expect(screen.getAllByText("Please fill this in.")).toHaveLength(2);
  expect(screen.getByLabelText("Password").getAttribute("aria-invalid")).toBe("true");
});

test("says why the server refused, and forgets it on the other tab", async () => {
  const { user, cleared } = await open({ kind: "badLogin", detail: "" });
  expect(screen.getByRole("alert").textContent).toBe("User name or password is not right.");
  await user.click(screen.getByRole("tab", { name: "Create account" }));
  expect(cleared()).toBeGreaterThan(0);
});

test("a new account is sent once its faults are mended", async () => {
  const { user, signedUp } = await open();
  await user.click(screen.getByRole("tab", { name: "Create account" }));
  await user.type(screen.getByLabelText("User name"), "mira_1");
  await user.type(screen.getByLabelText("E-mail"), "mira@example.org");
  await user.type(screen.getByLabelText("Password"), "weak");
  await user.click(screen.getByRole("button", { name: "Create account" }));
  expect(signedUp).toEqual([]);
  expect(screen.getByText(/Too easy to guess/)).toBeTruthy();
  await user.type(screen.getByLabelText("Password"), "-Tr4vel");
  expect(screen.queryByText(/Too easy to guess/)).toBeNull();
  await user.click(screen.getByRole("button", { name: "Create account" }));
  expect(signedUp).toEqual([
    { username: "mira_1", email: "mira@example.org", nickname: "", password: "weak-Tr4vel" },
  ]);
});

test("the language can be changed before anybody signs in, and is remembered", async () => {
  const { user } = await open();
  await user.click(screen.getByRole("button", { name: "Change language" }));
  await user.click(screen.getByRole("menuitemradio", { name: "简体中文" }));
  expect(await screen.findByRole("button", { name: "登录" })).toBeTruthy();
  expect(document.documentElement.lang).toBe("zh-CN");
  expect(localStorage.getItem("salon.language")).toBe("zh-CN");
});
