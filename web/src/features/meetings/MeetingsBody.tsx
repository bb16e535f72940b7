import { useTranslation } from "react-i18next";
import type { Meetings } from "../../state/meetings";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { RoomArt } from "../../ui/RoomArt";
import { Skeleton } from "../../ui/Skeleton";
import { VisuallyHidden } from "../../ui/VisuallyHidden";
import { problemText } from "../shell/problemText";
import { MeetingList } from "./MeetingList";
import cardCss from "./MeetingCard.module.css";
import css from "./MeetingsScreen.module.css";

type MeetingsBodyProps = { model: Meetings; now: Date; onEnter: (meetingId: number) => void; onCreate: () => void };

/** The lists, or what stands in their place: shapes while loading, an invitation when empty, what went wrong. */
export function MeetingsBody({ model, now, onEnter, onCreate }: MeetingsBodyProps) {
  const { t } = useTranslation();
  const { upcoming, past } = model;
  const isEmpty = upcoming.length + past.length === 0;
  if (model.state === "loading" && isEmpty) {
    return (
      <div className={css.list} aria-busy="true">
        <VisuallyHidden>{t("common.loading")}</VisuallyHidden>
        {[0, 1, 2].map((index) => (
          <div key={index} className={cardCss.card} aria-hidden="true">
            <div className={cardCss.head}>
              <Skeleton width="3.5rem" height="3.75rem" />
              <div className={cardCss.text}>
                <Skeleton width="11rem" height="1.25rem" />
                <Skeleton width="8rem" height="1rem" />
                <Skeleton width="6rem" height="1rem" />
              </div>
            </div>
            <Skeleton width="100%" height="2.75rem" />
          </div>
        ))}
      </div>
    );
  }
  return (
    <>
      {model.state === "failed" && (
        <Notice
          tone="error"
          title={t("meetings.loadFailed")}
          action={
            <Button size="small" onClick={model.reload}>
              {t("common.retry")}
            </Button>
          }
        >
          {model.problem !== null && problemText(t, model.problem)}
        </Notice>
      )}
      {isEmpty && model.state === "ready" && (
        <section className={css.empty}>
          <div className={css.emptyArt}>
            <RoomArt />
          </div>
          <h2 className={css.emptyTitle}>{t("meetings.emptyTitle")}</h2>
          <p className={css.emptyText}>{t("meetings.emptyText")}</p>
          <Button onClick={onCreate}>{t("meetings.create")}</Button>
        </section>
      )}
      {upcoming.length > 0 && <MeetingList title={t("meetings.upcoming")} meetings={upcoming} now={now} onEnter={onEnter} />}
      {past.length > 0 && <MeetingList title={t("meetings.past")} meetings={past} now={now} onEnter={onEnter} />}
    </>
  );
}
