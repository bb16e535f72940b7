import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import type { MeetingCard, Meetings } from "../../state/meetings";
import type { Problem } from "../../state/problem";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { Segmented } from "../../ui/Segmented";
import { TextField } from "../../ui/TextField";
import { PasswordField } from "../account/PasswordField";
import { problemText } from "../shell/problemText";
import { localInputValue, nextFullHour } from "./meetingTime";
import css from "./CreateDialog.module.css";

type When = "now" | "later";
type CreateFormProps = { create: Meetings["create"]; onCreated: (meeting: MeetingCard) => void };

/** What a meeting needs to be: a title, a time, and perhaps a password. */
export function CreateForm({ create, onCreated }: CreateFormProps) {
  const { t } = useTranslation();
  const [title, setTitle] = useState("");
  const [when, setWhen] = useState<When>("now");
  const [start, setStart] = useState(() => localInputValue(nextFullHour(new Date())));
  const [password, setPassword] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isChecked, setChecked] = useState(false);
  const startsAt = when === "now" ? null : new Date(start);
  const findStartFault = () => {
    if (startsAt === null) return undefined;
    if (Number.isNaN(startsAt.getTime())) return t("account.required");
    return startsAt.getTime() < Date.now() ? t("create.pastStart") : undefined;
  };
  const [startFault, setStartFault] = useState<string | undefined>();
  const submit = async () => {
    const fault = findStartFault();
    setStartFault(fault);
    setChecked(true);
    if (title.trim() === "" || fault !== undefined) return;
    setBusy(true);
    setProblem(null);
    const outcome = await create({ title: title.trim(), startsAt, password });
    setBusy(false);
    if (outcome.ok) onCreated(outcome.value);
    else setProblem(outcome.problem);
  };
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
        value={title}
        error={isChecked && title.trim() === "" ? t("account.required") : undefined}
        onChange={(event) => setTitle(event.target.value)}
      />
      <Segmented<When>
        label={t("create.when")}
        value={when}
        options={[
          { value: "now", text: t("create.now") },
          { value: "later", text: t("create.later") },
        ]}
        onChange={setWhen}
      />
      {when === "later" && (
        <TextField
          label={t("create.start")}
          type="datetime-local"
          value={start}
          error={startFault}
          onChange={(event) => {
            setStart(event.target.value);
            setStartFault(undefined);
          }}
        />
      )}
      <PasswordField
        label={t("create.password")}
        name="meeting-password"
        autoComplete="off"
        optional={t("common.optional")}
        value={password}
        hint={t("create.passwordHint")}
        onChange={setPassword}
      />
      <Button type="submit" look="primary" size="large" wide busy={isBusy}>
        {t("create.submit")}
      </Button>
    </form>
  );
}
