import { useTranslation } from "react-i18next";
import type { Grid } from "../../state/call";
import type { Readable } from "../../state/readable";
import { useReadable } from "../../state/useReadable";
import { LinkField } from "../shell/LinkField";
import css from "./AloneCard.module.css";

/** While nobody else is here: the link that changes that. */
export function AloneCard({ grid, link }: { grid: Readable<Grid>; link: string }) {
  const { t } = useTranslation();
  const { tiles } = useReadable(grid);
  if (tiles.some((tile) => !tile.isLocal)) {
    return null;
  }
  return (
    <section className={css.card} aria-label={t("call.aloneTitle")}>
      <h2 className={css.title}>{t("call.aloneTitle")}</h2>
      <p className={css.text}>{t("call.aloneText")}</p>
      <LinkField link={link} />
    </section>
  );
}
