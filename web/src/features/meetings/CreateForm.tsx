import type { SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import type { MeetingCard, Meetings } from "../../state/meetings";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { Segmented } from "../../ui/Segmented";
import { TextField } from "../../ui/TextField";
import { PasswordField } from "../account/PasswordField";
import { problemText } from "../shell/problemText";
import { useCreateForm } from "./useCreateForm";
import css from "./CreateDialog.module.css";

type CreateFormProps = { create: Meetings["create"]; onCreated: (meeting: MeetingCard) => void };

/** What a meeting needs to be: a title, a time, and perhaps a password. */
export function CreateForm({ create, onCreated }: CreateFormProps) {
  const { t } = useTranslation();
  const { fields, faults, isBusy, problem, change, submit } = useCreateForm(create, onCreated);
  const onSubmit = (event: SyntheticEvent) => {
    event.preventDefault();
    void submit();
  };
  return (
    <form className={css.form} onSubmit={onSubmit} noValidate>
      {problem !== null && <Notice tone="error">{problemText(t, problem)}</Notice>}
      <TextField
        label={t("create.name")}
        name="title"
        placeholder={t("create.namePlaceholder")}
        autoComplete="off"
        maxLength={100}
        value={fields.title}
        error={faults.title && t(faults.title)}
        onChange={(event) => change({ title: event.target.value })}
      />
      <Segmented
        label={t("create.when")}
        value={fields.when}
        options={[
          { value: "now", text: t("create.now") },
          { value: "later", text: t("create.later") },
        ]}
        onChange={(when) => change({ when })}
      />
      {fields.when === "later" && (
        <TextField
          label={t("create.start")}
          type="datetime-local"
          value={fields.start}
          error={faults.start && t(faults.start)}
          onChange={(event) => change({ start: event.target.value })}
        />
      )}
      <PasswordField
        label={t("create.password")}
        name="meeting-password"
        autoComplete="off"
        optional={t("common.optional")}
        value={fields.password}
        hint={t("create.passwordHint")}
        onChange={(password) => change({ password })}
      />
      <Button type="submit" look="primary" size="large" wide busy={isBusy}>
        {t("create.submit")}
      </Button>
    </form>
  );
}
