import { Link2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Call } from "../../state/call";
import { useReadable } from "../../state/useReadable";
import { Button } from "../../ui/Button";
import { useCopyLink } from "../shell/useCopyLink";
import { Panel } from "./Panel";
import { PersonRow } from "./PersonRow";
import css from "./PeoplePanel.module.css";

/** Who is here, and what they have switched on. */
export function PeoplePanel({ call, link, onClose }: { call: Call; link: string; onClose: () => void }) {
  const { t } = useTranslation();
  const copy = useCopyLink();
  const people = useReadable(call.people);
  return (
    <Panel id="people-panel" title={t("people.title")} detail={t("people.here", { count: people.length })} onClose={onClose}>
      <ul className={css.list} aria-label={t("people.title")} data-testid="people-list">
        {people.map((person) => (
          <PersonRow key={person.userId} person={person} />
        ))}
      </ul>
      <div className={css.foot}>
        <Button wide icon={<Link2 aria-hidden="true" />} onClick={() => void copy(link)}>
          {t("people.invite")}
        </Button>
      </div>
    </Panel>
  );
}
