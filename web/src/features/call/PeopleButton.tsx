import { Users } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { PersonHere } from "../../state/people";
import type { Readable } from "../../state/readable";
import { useReadable } from "../../state/useReadable";
import { IconButton } from "../../ui/IconButton";

type PeopleButtonProps = { model: Readable<readonly PersonHere[]>; isOpen: boolean; onToggle: () => void };

/** Opens and closes the list of people; counts them. */
export function PeopleButton({ model, isOpen, onToggle }: PeopleButtonProps) {
  const { t } = useTranslation();
  const count = useReadable(model).length;
  return (
    <IconButton
      label={t("call.people", { count })}
      shortcut="P"
      icon={<Users />}
      tone={isOpen ? "lit" : "filled"}
      note={count > 1 ? count : undefined}
      aria-expanded={isOpen}
      aria-controls="people-panel"
      onClick={onToggle}
      data-testid="people-button"
    />
  );
}
