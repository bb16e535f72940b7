import { useTranslation } from "react-i18next";
import { standingName, type RankName, type StandingName } from "../../state/ranks";
import { Badge, type Tone } from "../../ui/Badge";

const RANK_TONES: Readonly<Record<RankName, Tone>> = { user: "plain", moderator: "plain", admin: "accent", chief: "accent" };
const STANDING_TONES: Readonly<Record<StandingName, Tone>> = { active: "ok", inactive: "warn", banned: "danger" };

export function RankBadge({ rank }: { rank: RankName }) {
  const { t } = useTranslation();
  return <Badge tone={RANK_TONES[rank]}>{t(`admin.rank.${rank}`)}</Badge>;
}

export function StandingBadge({ status }: { status: number }) {
  const { t } = useTranslation();
  const standing = standingName(status);
  return <Badge tone={STANDING_TONES[standing]}>{t(`admin.standing.${standing}`)}</Badge>;
}
