import { CircleCheckBig, CircleQuestionMark, ListChecks } from "lucide-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { Minutes, MinutesItem, MinutesView } from "../../state/minutes";
import { useReadable } from "../../state/useReadable";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { Spinner } from "../../ui/Spinner";
import { timeText } from "../meetings/meetingTime";
import { problemText } from "../shell/problemText";
import { MinutesOrigin } from "./MinutesOrigin";
import { SpeakingTime } from "./SpeakingTime";
import css from "./Minutes.module.css";

const KINDS = [
  { kind: "decision", Icon: CircleCheckBig },
  { kind: "task", Icon: ListChecks },
  { kind: "question", Icon: CircleQuestionMark },
] as const;

/** Decisions, tasks and questions, each with where it was said; a press on a citation goes there. */
export function MinutesTab({ model, onCitation }: { model: Minutes; onCitation: (lineId: string) => void }) {
  const { t } = useTranslation();
  const view = useReadable(model.state);
  useEffect(() => model.reload(), [model]);
  switch (view.state) {
    case "loading":
      return (
        <div className={css.waiting} role="status" aria-label={t("common.loading")}>
          <Spinner />
          <p className={css.patience}>{t("minutes.making")}</p>
        </div>
      );
    case "failed":
      return (
        <Notice
          tone="error"
          title={t("minutes.loadFailed")}
          action={
            <Button size="small" onClick={() => model.reload()}>
              {t("common.retry")}
            </Button>
          }
        >
          {problemText(t, view.problem)}
        </Notice>
      );
    case "none":
      return <Notice tone="info">{t("minutes.noneText")}</Notice>;
    case "ready":
      return <Points minutes={view.minutes} onCitation={onCitation} />;
  }
}

function Points({ minutes, onCitation }: { minutes: MinutesView; onCitation: (lineId: string) => void }) {
  const { t } = useTranslation();
  return (
    <div className={css.minutes} data-testid="minutes">
      <MinutesOrigin minutes={minutes} />
      <div className={css.columns}>
        <div className={css.points}>
          {KINDS.map(({ kind, Icon }) => {
            const items = minutes.items.filter((item) => item.kind === kind);
            return (
              <section key={kind} className={css.card} data-kind={kind} data-testid={`minutes-${kind}`}>
                <h2 className={css.title}>
                  <Icon aria-hidden="true" />
                  {t(`minutes.${kind}`)}
                  <span className={css.count}>{items.length}</span>
                </h2>
                {items.length === 0 && <p className={css.none}>{t("minutes.nothing")}</p>}
                <ul className={css.items}>
                  {items.map((item, index) => (
                    <Item key={index} item={item} onCitation={onCitation} />
                  ))}
                </ul>
              </section>
            );
          })}
        </div>
        <SpeakingTime shares={minutes.speakingTime} />
      </div>
    </div>
  );
}

function Item({ item, onCitation }: { item: MinutesItem; onCitation: (lineId: string) => void }) {
  const { t, i18n } = useTranslation();
  return (
    <li className={css.item} data-testid="minutes-item">
      <p className={css.text}>{item.text}</p>
      <p className={css.citations}>
        {item.citations.map(({ lineId, speaker, startedAt }) => {
          const name = speaker === "" ? t("transcript.someone") : speaker;
          const at = timeText(startedAt, i18n.language);
          return (
            <button key={lineId} type="button" className={css.citation} aria-label={t("minutes.cite", { name, at })} onClick={() => onCitation(lineId)} data-testid="citation">
              {name} · {at}
            </button>
          );
        })}
      </p>
    </li>
  );
}
