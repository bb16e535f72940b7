import { MessageSquare } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Chat } from "../../state/chat";
import type { Readable } from "../../state/readable";
import { useReadable } from "../../state/useReadable";
import { IconButton } from "../../ui/IconButton";

/** Opens and closes the chat; counts what came unseen. */
export function ChatButton({ model, isOpen, onToggle }: { model: Readable<Chat>; isOpen: boolean; onToggle: () => void }) {
  const { t } = useTranslation();
  const { unread } = useReadable(model);
  const showsUnread = unread > 0 && !isOpen;
  return (
    <IconButton
      label={showsUnread ? t("call.chatUnread", { count: unread }) : t("call.chat")}
      shortcut="C"
      icon={<MessageSquare />}
      tone={isOpen ? "lit" : "filled"}
      badge={showsUnread ? (unread > 99 ? "99+" : unread) : undefined}
      aria-expanded={isOpen}
      aria-controls="chat-panel"
      onClick={onToggle}
      data-testid="chat-button"
    />
  );
}
