import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { Chat } from "../../state/chat";
import type { Hosting } from "../../state/hosting";
import type { Readable } from "../../state/readable";
import { useReadable } from "../../state/useReadable";
import { ChatComposer } from "./ChatComposer";
import { ChatLog } from "./ChatLog";
import { Panel } from "./Panel";
import css from "./Chat.module.css";

type ChatPanelProps = { model: Readable<Chat>; hosting: Readable<Hosting>; onClose: () => void };

/** What people wrote, from before this call too, and a line to write. */
export function ChatPanel({ model, hosting, onClose }: ChatPanelProps) {
  const { t } = useTranslation();
  const chat = useReadable(model);
  const { allows } = useReadable(hosting);
  useEffect(() => {
    model.value.setOpen(true);
    return () => model.value.setOpen(false);
  }, [model]);
  return (
    <Panel id="chat-panel" title={t("chat.title")} onClose={onClose}>
      <ChatLog chat={chat} />
      {allows.chat ? <ChatComposer send={chat.send} /> : <p className={css.off}>{t("host.chatOff")}</p>}
    </Panel>
  );
}
