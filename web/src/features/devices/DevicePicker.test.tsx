import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { I18nextProvider } from "react-i18next";
import { expect, test } from "vitest";
import { startI18n, switchLanguage } from "../../i18n";
import { DevicePicker } from "./DevicePicker";

test("from a chosen speaker there is a way back to the system's", async () => {
  const i18n = await startI18n();
  await switchLanguage(i18n, "en");
  const chosen: string[] = [];
  const picker = {
    devices: [{ id: "headphones", label: "Headphones" }],
    selectedId: "headphones",
    select: (id: string) => chosen.push(id),
  };
  render(
    <I18nextProvider i18n={i18n}>
      <DevicePicker kind="speaker" picker={picker} icon={null} />
    </I18nextProvider>,
  );
  await userEvent.setup().selectOptions(screen.getByLabelText("Speaker"), "System default");
  expect(chosen).toEqual([""]);
});
