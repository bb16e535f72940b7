import { SendHorizontal } from "lucide-react";
import { useState, type SyntheticEvent, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { CHAT_MAX_LENGTH } from "../../state/chat";
import { IconButton } from "../../ui/IconButton";
import css from "./Chat.module.css";

/** Enter sends, Shift with Enter makes a new line, and Enter that picks a word of an input method does neither. */
export function ChatComposer({ send }: { send: (text: string) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const excess = text.trim().length - CHAT_MAX_LENGTH;
  const maySend = text.trim() !== "" && excess <= 0;
  const submit = () => {
    if (maySend) {
      send(text.trim());
      setText("");
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      submit();
    }
  };
  const onSubmit = (event: SyntheticEvent) => {
    event.preventDefault();
    submit();
  };
  return (
    <form className={css.composer} onSubmit={onSubmit}>
      {excess > 0 && (
        <p className={css.excess} role="alert">
          {t("chat.tooLong", { count: excess })}
        </p>
      )}
      <div className={css.entry}>
        <textarea
          className={css.input}
          rows={1}
          aria-label={t("chat.input")}
          placeholder={t("chat.placeholder")}
          value={text}
          data-autofocus
          data-testid="chat-input"
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <IconButton
          type="submit"
          label={t("chat.send")}
          icon={<SendHorizontal />}
          size="small"
          disabled={!maySend}
          className={css.send ?? ""}
          data-testid="chat-send"
        />
      </div>
    </form>
  );
}
