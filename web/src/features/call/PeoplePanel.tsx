import { Link2, LockKeyhole } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Call } from "../../state/call";
import { useReadable } from "../../state/useReadable";
import { Button } from "../../ui/Button";
import { useCopyLink } from "../shell/useCopyLink";
import { HostMenu } from "./HostMenu";
import { Panel } from "./Panel";
import { PersonRow } from "./PersonRow";
import { WaitingList } from "./WaitingList";
import css from "./PeoplePanel.module.css";

/** Who is here, and what they have switched on. */
export function PeoplePanel({ call, link, onClose }: { call: Call; link: string; onClose: () => void }) {
  const { t } = useTranslation();
  const copy = useCopyLink();
  const people = useReadable(call.people);
  const hosting = useReadable(call.hosting);
  const voices = useReadable(call.voices);
  return (
    <Panel id="people-panel" title={t("people.title")} detail={t("people.here", { count: people.length })} onClose={onClose}>
      {hosting.isLocked && (
        <p className={css.lockNote}>
          <LockKeyhole aria-hidden="true" />
          {t("host.locked")}
        </p>
      )}
      {hosting.waiting.length > 0 && <WaitingList hosting={hosting} />}
      <ul className={css.list} aria-label={t("people.title")} data-testid="people-list">
        {people.map((person) => (
          <PersonRow key={person.userId} person={person} hosting={hosting} voice={voices.find(({ userId }) => userId === person.userId)} />
        ))}
      </ul>
      <div className={css.foot}>
        {hosting.canModerate && <HostMenu hosting={hosting} recording={call.recording} />}
        <Button wide icon={<Link2 aria-hidden="true" />} onClick={() => void copy(link)}>
          {t("people.invite")}
        </Button>
      </div>
    </Panel>
  );
}
