/** What the server will refuse, said before it is sent. The server has the last word. */

export type SignUpForm = { username: string; email: string; nickname: string; password: string };
export type SignUpFault = "account.required" | "account.invalidUsername" | "account.invalidEmail" | "account.weakPassword";

const COMMON = ["password", "12345678", "qwerty", "abc123", "admin123", "letmein", "welcome", "monkey", "dragon"];
const LONGEST_PASSWORD_BYTES = 72; // More than this a password hash may ignore, so the server refuses it.

/** The faults of a sign-up form, by field; empty if it may be sent. */
export function checkSignUp(form: SignUpForm): Partial<Record<keyof SignUpForm, SignUpFault>> {
  const faults: Partial<Record<keyof SignUpForm, SignUpFault>> = {};
  if (!/^\w{3,20}$/.test(form.username)) {
    faults.username = form.username === "" ? "account.required" : "account.invalidUsername";
  }
  const email = emailFault(form.email);
  if (email !== undefined) faults.email = email;
  const password = newPasswordFault(form.password);
  if (password !== undefined) faults.password = password;
  return faults;
}

/** What is wrong with an e-mail address; undefined if it may be one. */
export function emailFault(email: string): SignUpFault | undefined {
  if (/^[^\s@]+@[^\s@]+\.[A-Za-z]{2,}$/.test(email)) return undefined;
  return email === "" ? "account.required" : "account.invalidEmail";
}

/** What is wrong with a password that somebody chooses; undefined if it may be one. */
export function newPasswordFault(password: string): SignUpFault | undefined {
  if (isStrong(password)) return undefined;
  return password === "" ? "account.required" : "account.weakPassword";
}

function isStrong(password: string): boolean {
  const classes = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z\d]/].filter((kind) => kind.test(password)).length;
  const lower = password.toLowerCase();
  return (
    Array.from(password).length >= 8 &&
    new TextEncoder().encode(password).length <= LONGEST_PASSWORD_BYTES &&
    classes >= 3 &&
    !COMMON.some((word) => lower.includes(word))
  );
}
