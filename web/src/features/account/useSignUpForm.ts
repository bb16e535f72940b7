import { useState } from "react";
import { checkSignUp, type SignUpFault, type SignUpForm } from "./validation";

const EMPTY: SignUpForm = { username: "", email: "", nickname: "", password: "" };

/** The fields of a new account. Faults show after the first try, and go as they are mended. */
export function useSignUpForm(onSubmit: (form: SignUpForm) => void) {
  const [form, setForm] = useState(EMPTY);
  const [isChecked, setChecked] = useState(false);
  const faults: Partial<Record<keyof SignUpForm, SignUpFault>> = isChecked ? checkSignUp(form) : {};
  const submit = () => {
    setChecked(true);
    if (Object.keys(checkSignUp(form)).length === 0) {
      onSubmit({ ...form, nickname: form.nickname.trim() });
    }
  };
  return { form, faults, change: (changed: Partial<SignUpForm>) => setForm({ ...form, ...changed }), submit };
}
