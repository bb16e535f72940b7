import { expect, test } from "vitest";
import { checkSignUp } from "./validation";

const GOOD = { username: "mira_1", email: "mira@example.org", nickname: "", password: "Tr4vel-light" };

test("a complete form has no faults", () => {
  expect(checkSignUp(GOOD)).toEqual({});
});

test.each(["Test@Pass123", "Test123456!", "Passw0rd!123", "小明的Pw9长长长"])("%s is strong enough", (password) => {
  expect(checkSignUp({ ...GOOD, password })).toEqual({});
});

test.each(["Ab1-xyz", "alllowercase", "lower1234", "My-Password-1", "Qwerty-2026", `Ab1-${"x".repeat(70)}`])(
  "%s is refused before it is sent",
  (password) => {
    expect(checkSignUp({ ...GOOD, password })).toEqual({ password: "account.weakPassword" });
  },
);

test("each field says its own fault", () => {
  expect(checkSignUp({ username: "", email: "", nickname: "", password: "" })).toEqual({
    username: "account.required",
    email: "account.required",
    password: "account.required",
  });
  expect(checkSignUp({ ...GOOD, username: "no spaces", email: "mira@example" })).toEqual({
    username: "account.invalidUsername",
    email: "account.invalidEmail",
  });
});
