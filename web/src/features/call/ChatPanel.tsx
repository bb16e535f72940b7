import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { Chat } from "../../state/chat";
import type { Readable } from "../../state/readable";
import { useReadable } from "../../state/useReadable";
import { ChatComposer } from "./ChatComposer";
import { ChatLog } from "./ChatLog";
import { Panel } from "./Panel";

/** What people wrote, from before this call too, and a line to write. */
export function ChatPanel({ model, onClose }: { model: Readable<Chat>; onClose: () => void }) {
  const { t } = useTranslation();
  const chat = useReadable(model);
  useEffect(() => {
    model.value.setOpen(true);
    return () => model.value.setOpen(false);
  }, [model]);
  return (
    <Panel id="chat-panel" title={t("chat.title")} onClose={onClose}>
      <ChatLog chat={chat} />
      <ChatComposer send={chat.send} />
    </Panel>
  );
}
