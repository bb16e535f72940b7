import { ArrowDown } from "lucide-react";
import { useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Chat } from "../../state/chat";
import { Button } from "../../ui/Button";
import { ChatMessage } from "./ChatMessage";
import { isContinuation } from "./chatGroups";
import css from "./Chat.module.css";

const AT_END_PX = 48;

/** The messages, oldest first. It follows the newest one unless the reader has scrolled away from it. */
export function ChatLog({ chat }: { chat: Chat }) {
  const { t } = useTranslation();
  const ref = useRef<HTMLDivElement>(null);
  const heightBefore = useRef(0);
  const [isAtEnd, setAtEnd] = useState(true);
  const first = chat.lines[0]?.id;
  const last = chat.lines.at(-1);
  const toEnd = () => {
    if (ref.current !== null) ref.current.scrollTop = ref.current.scrollHeight;
  };
  useLayoutEffect(() => {
    // Older messages were put in above: what the reader looks at stays where it is.
    const log = ref.current;
    if (log !== null && !isAtEnd) log.scrollTop += log.scrollHeight - heightBefore.current;
  }, [first]); // eslint-disable-line react-hooks/exhaustive-deps -- only a new first line means history came
  useLayoutEffect(() => {
    if (isAtEnd || last?.isMine === true) toEnd();
  }, [last?.id, last?.isMine, isAtEnd]);
  useLayoutEffect(() => {
    heightBefore.current = ref.current?.scrollHeight ?? 0;
  });
  const isEmpty = chat.lines.length === 0;
  return (
    <div className={css.body}>
      <div
        ref={ref}
        className={css.log}
        onScroll={({ currentTarget: log }) => setAtEnd(log.scrollHeight - log.scrollTop - log.clientHeight < AT_END_PX)}
      >
        {chat.history === "loading" && <p className={css.note}>{t("chat.loading")}</p>}
        {chat.history === "failed" && <p className={css.note}>{t("chat.historyFailed")}</p>}
        {chat.history !== "loading" && chat.loadOlder !== undefined && (
          <Button look="quiet" size="small" className={css.older} onClick={chat.loadOlder}>
            {t(chat.history === "failed" ? "common.retry" : "chat.older")}
          </Button>
        )}
        {isEmpty && chat.history === "ready" && <p className={css.empty}>{t("chat.empty")}</p>}
        <div role="log" aria-label={t("chat.log")}>
          <ol className={css.lines}>
            {chat.lines.map((line, index) => (
              <ChatMessage key={line.id} line={line} isContinuation={isContinuation(chat.lines[index - 1], line)} />
            ))}
          </ol>
        </div>
      </div>
      {!isAtEnd && (
        <Button size="small" className={css.jump} icon={<ArrowDown aria-hidden="true" />} onClick={toEnd}>
          {t("chat.newMessages")}
        </Button>
      )}
    </div>
  );
}
