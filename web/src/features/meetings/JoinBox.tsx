import { Link2 } from "lucide-react";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/TextField";
import { parseMeetingInput } from "../../state/meetingLink";
import css from "./MeetingsScreen.module.css";

/** Enters a meeting by its link or number. */
export function JoinBox({ onJoin }: { onJoin: (meetingId: number) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [isInvalid, setInvalid] = useState(false);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const id = parseMeetingInput(text);
    setInvalid(id === null);
    if (id !== null) {
      onJoin(id);
    }
  };
  return (
    <form className={css.joinBox} onSubmit={submit}>
      <TextField
        className={css.joinField}
        label={t("meetings.joinLabel")}
        placeholder={t("meetings.joinPlaceholder")}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={text}
        error={isInvalid ? t("meetings.joinInvalid") : undefined}
        onChange={(event) => {
          setText(event.target.value);
          setInvalid(false);
        }}
        action={
          <Button type="submit" look="quiet" size="small" icon={<Link2 aria-hidden="true" />} disabled={text.trim() === ""}>
            {t("meetings.join")}
          </Button>
        }
      />
    </form>
  );
}
