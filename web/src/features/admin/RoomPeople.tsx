import { useTranslation } from "react-i18next";
import type { LiveRoom } from "../../state/administration";
import { Avatar } from "../../ui/Avatar";
import { VisuallyHidden } from "../../ui/VisuallyHidden";
import css from "./Admin.module.css";

const FACES = 5;

/** Who is in a room: a few faces, and how many; all names for screen readers. */
export function RoomPeople({ room }: { room: LiveRoom }) {
  const { t } = useTranslation();
  const names = room.people.map(({ name }) => name).join(", ");
  return (
    <span className={css.people} title={names}>
      <span className={css.faces} aria-hidden="true">
        {room.people.slice(0, FACES).map(({ id, name }) => (
          <Avatar key={id} name={name} size="small" />
        ))}
      </span>
      <span className={css.figureText} aria-hidden="true">
        {room.peopleCount}
      </span>
      <VisuallyHidden>{t("admin.live.peopleNamed", { count: room.peopleCount, names })}</VisuallyHidden>
    </span>
  );
}
