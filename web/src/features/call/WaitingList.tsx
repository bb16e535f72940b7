import { Check, SendHorizontal, X } from "lucide-react";
import { useId, useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Hosting } from "../../state/hosting";
import { Avatar } from "../../ui/Avatar";
import { Button } from "../../ui/Button";
import { IconButton } from "../../ui/IconButton";
import { TextField } from "../../ui/TextField";
import css from "./PeoplePanel.module.css";

const MESSAGE_MAX = 500;

/** Who waits outside, above those who are in: let in, turn away, or write to them. */
export function WaitingList({ hosting }: { hosting: Hosting }) {
  const { t } = useTranslation();
  const id = useId();
  const [text, setText] = useState("");
  const { waiting, actions } = hosting;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (text.trim() === "") return;
    actions.writeToLobby(text.trim());
    setText("");
  };
  return (
    <section className={css.waiting} aria-labelledby={id} data-testid="waiting-list">
      <header className={css.waitingHead}>
        <h3 id={id}>{t("lobby.waitingTitle")}</h3>
        {waiting.length > 1 && (
          <Button size="small" onClick={actions.admitAll}>
            {t("lobby.admitAll")}
          </Button>
        )}
      </header>
      <ul className={css.waitingPeople}>
        {waiting.map(({ userId, name, avatarUrl, isGuest }) => (
          <li key={userId} className={css.person} data-name={name}>
            <Avatar name={name} picture={avatarUrl} size="small" />
            <p className={css.who}>
              <span className={css.name}>{name}</span>
              {isGuest && <span className={css.role}>{t("lobby.guest")}</span>}
            </p>
            <IconButton
              label={t("lobby.denyNamed", { name })}
              icon={<X />}
              size="small"
              tone="filled"
              onClick={() => actions.deny(userId)}
              data-testid="deny-button"
            />
            <IconButton
              label={t("lobby.admitNamed", { name })}
              icon={<Check />}
              size="small"
              tone="lit"
              onClick={() => actions.admit(userId)}
              data-testid="admit-button"
            />
          </li>
        ))}
      </ul>
      <form className={css.waitingWrite} onSubmit={submit}>
        <TextField
          label={t("lobby.write")}
          name="lobby-message"
          autoComplete="off"
          maxLength={MESSAGE_MAX}
          value={text}
          onChange={(event) => setText(event.target.value)}
          action={<IconButton type="submit" label={t("lobby.send")} icon={<SendHorizontal />} size="small" />}
        />
      </form>
    </section>
  );
}
