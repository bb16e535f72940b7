import { Mail } from "lucide-react";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Planned } from "../../state/planned";
import { Button } from "../../ui/Button";
import { TextArea } from "../../ui/TextArea";
import { useToast } from "../../ui/toastStore";
import { problemText } from "../shell/problemText";
import { readAddresses } from "./addresses";
import css from "../schedule/Plan.module.css";

/** Mails the meeting to people, with an entry for their calendars. */
export function MailInvitations({ planned }: { planned: Planned }) {
  const { t } = useTranslation();
  const toast = useToast();
  const [text, setText] = useState("");
  const [message, setMessage] = useState("");
  const [fault, setFault] = useState<string | undefined>();
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    const read = readAddresses(text);
    if (!read.ok) {
      setFault(read.fault === "invite.mailBad" ? t(read.fault, { address: read.address }) : t(read.fault));
      return;
    }
    setBusy(true);
    const outcome = await planned.mail(read.list, message.trim());
    setBusy(false);
    if (!outcome.ok) {
      setFault(problemText(t, outcome.problem));
      return;
    }
    setText("");
    setMessage("");
    toast(t("invite.mailSent"), "ok");
  };
  return (
    <form className={css.links} onSubmit={(event) => void submit(event)} noValidate>
      <TextArea
        label={t("invite.addresses")}
        name="addresses"
        hint={t("invite.mailHint")}
        error={fault}
        autoCapitalize="none"
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setFault(undefined);
        }}
      />
      <TextArea
        label={t("invite.message")}
        name="message"
        rows={2}
        maxLength={500}
        optional={t("common.optional")}
        value={message}
        onChange={(event) => setMessage(event.target.value)}
      />
      <Button type="submit" icon={<Mail aria-hidden="true" />} busy={isBusy}>
        {t("invite.mailSend")}
      </Button>
    </form>
  );
}
