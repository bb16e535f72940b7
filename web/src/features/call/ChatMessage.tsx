import { useTranslation } from "react-i18next";
import type { ChatLine } from "../../state/chat";
import { Avatar } from "../../ui/Avatar";
import { Button } from "../../ui/Button";
import { classes } from "../../ui/classes";
import { splitLinks } from "./chatGroups";
import css from "./Chat.module.css";

/** One message. Its own author's stand on the right. */
export function ChatMessage({ line, isContinuation }: { line: ChatLine; isContinuation: boolean }) {
  const { t, i18n } = useTranslation();
  const time = new Intl.DateTimeFormat(i18n.language, { hour: "numeric", minute: "2-digit" }).format(line.sentAt);
  return (
    <li
      className={classes(css.message, line.isMine && css.mine, isContinuation && css.continued)}
      data-testid="chat-message"
      data-state={line.state}
    >
      {!line.isMine && <span className={css.face}>{!isContinuation && <Avatar name={line.author} picture={line.avatarUrl} size="small" />}</span>}
      <div className={css.content}>
        {!isContinuation && (
          <p className={css.byline}>
            <span className={css.author}>{line.isMine ? t("common.you") : line.author}</span>
            <time dateTime={line.sentAt.toISOString()}>{time}</time>
          </p>
        )}
        <p className={css.text} dir="auto">
          {splitLinks(line.text).map((part, index) =>
            part.href === null ? (
              part.text
            ) : (
              <a key={index} href={part.href} target="_blank" rel="noopener noreferrer">
                {part.text}
              </a>
            ),
          )}
        </p>
        {line.state === "sending" && <p className={css.state}>{t("chat.sending")}</p>}
        {line.state === "failed" && (
          <p className={classes(css.state, css.failed)} role="alert">
            {t("chat.notSent")}{" "}
            {line.resend !== undefined && (
              <Button look="quiet" size="small" className={css.resend} onClick={line.resend}>
                {t("chat.resend")}
              </Button>
            )}
          </p>
        )}
      </div>
    </li>
  );
}
