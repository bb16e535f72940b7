import { CalendarX2, Clock, DoorClosed, LockKeyhole, SearchX, TriangleAlert, UsersRound, type LucideIcon } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import type { Problem, ProblemKind } from "../../state/problem";
import { Button } from "../../ui/Button";
import { MessageScreen } from "../shell/MessageScreen";
import { problemText } from "../shell/problemText";
import { useTitle } from "../shell/useTitle";

const FINAL: ReadonlySet<ProblemKind> = new Set(["notFound", "ended"]);
type Titled = "notFound" | "ended" | "full" | "forbidden" | "early" | "locked";
const TITLES = {
  notFound: "problem.notFoundTitle",
  ended: "problem.endedTitle",
  full: "problem.fullTitle",
  forbidden: "problem.forbiddenTitle",
  early: "problem.earlyTitle",
  locked: "door.lockedTitle",
} as const satisfies Record<Titled, string>;
const ICONS: Partial<Record<ProblemKind, LucideIcon>> = {
  notFound: SearchX,
  ended: CalendarX2,
  full: UsersRound,
  forbidden: LockKeyhole,
  early: Clock,
  locked: LockKeyhole,
  network: DoorClosed,
};

function isTitled(kind: ProblemKind): kind is Titled {
  return Object.hasOwn(TITLES, kind);
}

/** There is no way into this meeting now: why, and what to do. */
export function ClosedDoor({ problem, retry }: { problem: Problem; retry: () => void }) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const Icon = ICONS[problem.kind] ?? TriangleAlert;
  const title = t(isTitled(problem.kind) ? TITLES[problem.kind] : "problem.otherTitle");
  useTitle(title);
  const isFinal = FINAL.has(problem.kind);
  return (
    <MessageScreen icon={<Icon />} title={title} text={problemText(t, problem)}>
      {!isFinal && (
        <Button look="primary" onClick={retry}>
          {t("common.retry")}
        </Button>
      )}
      <Button look={isFinal ? "primary" : "secondary"} onClick={() => go("/")}>
        {t("problem.back")}
      </Button>
    </MessageScreen>
  );
}
