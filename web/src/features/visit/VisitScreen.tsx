import type { Person } from "../../state/account";
import type { Salon } from "../../state/salon";
import { Splash } from "../shell/Splash";
import { VisitStage } from "./VisitStage";
import { useVisit } from "./useVisit";

/** A meeting's page, from the door to the way out. */
export function VisitScreen({ salon, person, meetingId }: { salon: Salon; person: Person; meetingId: number }) {
  const visit = useVisit(salon, meetingId);
  return visit === null ? <Splash /> : <VisitStage visit={visit} person={person} />;
}
