/** The {@link Visit}: finds the meeting, asks for admission, holds the call, remembers the way out. */

import { ApiError } from "../api/http";
import { MeetingStatus, type MeetingView } from "../api/meetings";
import type { EndCause } from "../rtc/signaling";
import type { Person } from "./account";
import type { CallServices } from "./callServices";
import { LiveCall } from "./liveCall";
import { LocalMediaModel } from "./localMedia";
import { meetingLink } from "./meetingLink";
import type { PreferenceStore } from "./preferences";
import { problemOf, type Problem, type ProblemKind } from "./problem";
import { Value, type Readable } from "./readable";
import type { MeetingAtDoor, Visit, VisitState } from "./visit";
import { WaitingModel } from "./waitingModel";

/** Refusals after which no password and no second try helps. */
const CLOSED: readonly ProblemKind[] = ["notFound", "ended", "full", "forbidden", "early", "locked"];

export type VisitOptions = {
  readonly services: CallServices;
  readonly preferences: PreferenceStore;
  readonly meetingId: number;
  readonly person: Person;
  readonly origin: string;
};

export class VisitModel implements Visit {
  readonly #options: VisitOptions;
  readonly #meeting: Value<MeetingAtDoor>;
  readonly #state = new Value<VisitState>({ stage: "looking" });
  #media: LocalMediaModel;
  #call: LiveCall | null = null;
  #waiting: WaitingModel | null = null;
  #needsPassword = false;
  #password = "";
  #isClosed = false;

  constructor(options: VisitOptions) {
    this.#options = options;
    const { meetingId, origin } = options;
    this.#meeting = new Value<MeetingAtDoor>({ id: meetingId, title: null, link: meetingLink(meetingId, origin) });
    this.#media = this.#newMedia();
  }

  get meeting(): Readable<MeetingAtDoor> {
    return this.#meeting;
  }

  get state(): Readable<VisitState> {
    return this.#state;
  }

  get media(): LocalMediaModel {
    return this.#media;
  }

  start(): void {
    void this.#look();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#call?.leave();
    this.#waiting?.withdraw();
    this.#media.close();
  }

  #newMedia(): LocalMediaModel {
    const { services, preferences } = this.#options;
    return new LocalMediaModel(services.devices, preferences, services.clock);
  }

  /** Learns what the meeting tells this person. Strangers learn nothing before they join. */
  async #look(): Promise<void> {
    const { services, meetingId } = this.#options;
    this.#set({ stage: "looking" });
    try {
      const view = await services.meetings.get(meetingId);
      if (view.status === MeetingStatus.ENDED || view.status === MeetingStatus.CANCELLED) {
        this.#shut({ kind: "ended", detail: "" });
        return;
      }
      this.#know(view);
      this.#needsPassword = view.hasPassword && view.creatorId !== this.#options.person.id;
    } catch (error) {
      const isStranger = error instanceof ApiError && error.status === 403;
      if (!isStranger) {
        this.#shut(problemOf(error, admissionProblem));
        return;
      }
    }
    this.#openDoor();
  }

  #openDoor(): void {
    if (this.#isClosed) return;
    this.#wait(null);
    void this.#media.start();
  }

  #wait(problem: Problem | null, isJoining = false): void {
    this.#set({
      stage: "preJoin",
      isJoining,
      needsPassword: this.#needsPassword,
      problem,
      join: (password = "") => void this.#join(password),
    });
  }

  async #join(password: string): Promise<void> {
    const state = this.#state.value;
    if (state.stage === "preJoin" && state.isJoining) return;
    this.#wait(null, true);
    const { services, preferences, meetingId, person } = this.#options;
    try {
      const { roomId, meeting } = await services.meetings.join(meetingId, password);
      if (this.#isClosed) return;
      if (meeting !== null) this.#know(meeting);
      this.#password = password;
      const options = { services, preferences, meetingId, roomId, password, person, media: this.#media };
      const call = new LiveCall({ ...options, onOver: (cause) => this.#onOver(cause) });
      this.#call = call;
      this.#set({ stage: "call", call });
      call.start();
    } catch (error) {
      await this.#onRefused(error, password);
    }
  }

  async #onRefused(error: unknown, password: string): Promise<void> {
    if (error instanceof ApiError && error.status === 401) {
      // A wrong password, or a sign-in that ran out? The profile tells; if it is the latter, this signs out.
      try {
        await this.#options.services.accounts.profile();
      } catch (fault) {
        this.#wait(problemOf(fault));
        return;
      }
      this.#needsPassword = true;
      this.#wait({ kind: password === "" ? "passwordNeeded" : "passwordWrong", detail: "" });
      return;
    }
    const lobby = lobbyAnswer(error);
    if (lobby !== null) {
      this.#waitOutside(password, lobby);
      return;
    }
    const problem = problemOf(error, admissionProblem);
    if (CLOSED.includes(problem.kind)) this.#shut(problem);
    else this.#wait(problem);
  }

  /** Joining has put us on the host's list; from now on we are told what becomes of it. */
  #waitOutside(password: string, answer: "asked" | "denied"): void {
    if (this.#isClosed) return;
    const { services, meetingId, person } = this.#options;
    const again = (): void => {
      this.#waiting?.close();
      this.#waiting = null;
      this.#wait(null);
    };
    const model = new WaitingModel({
      services,
      meetingId,
      userId: person.id,
      onAdmitted: () => {
        again();
        void this.#join(password);
      },
    });
    this.#waiting = model;
    this.#set({
      stage: "waiting",
      waiting: model.waiting,
      withdraw: () => {
        model.withdraw();
        again();
      },
      askAgain: () => {
        again();
        void this.#join(password);
      },
    });
    if (answer === "denied") model.startDenied();
    else model.start();
  }

  #onOver(cause: EndCause | "left"): void {
    this.#call = null;
    this.#media.close(); // The lights of camera and microphone go out.
    this.#set({ stage: "left", cause, rejoin: () => this.#rejoin() });
  }

  #rejoin(): void {
    if (this.#isClosed || this.#state.value.stage !== "left") return; // Pressed twice.
    this.#media = this.#newMedia();
    // The call takes the devices when they open; a browser that asks first must not hold it up.
    void this.#media.start();
    void this.#join(this.#password);
  }

  #shut(problem: Problem): void {
    this.#media.close();
    this.#set({
      stage: "closed",
      problem,
      retry: () => {
        this.#media = this.#newMedia();
        void this.#look();
      },
    });
  }

  #know({ title }: MeetingView): void {
    this.#meeting.update((meeting) => ({ ...meeting, title }));
  }

  #set(state: VisitState): void {
    if (!this.#isClosed) this.#state.set(state);
  }
}

/** Whether a refusal means that a host decides: not yet (`asked`), or not (`denied`). */
function lobbyAnswer(error: unknown): "asked" | "denied" | null {
  if (!(error instanceof ApiError) || error.kind !== "refused") return null;
  if (error.status === 403 && /\blet you in\b/i.test(error.message)) return "asked";
  return error.status === 429 && /\bnot let you in\b/i.test(error.message) ? "denied" : null;
}

/** What a refused admission means; the texts are the server's. */
function admissionProblem(error: ApiError): ProblemKind | null {
  if (error.kind !== "refused" || error.isPassing) return null;
  if (error.status === 409 || /\bfull\b/i.test(error.message)) return "full";
  if (error.status === 403 && /\blocked\b/i.test(error.message)) return "locked";
  if (/\b(ended|cancelled|canceled|over)\b/i.test(error.message)) return "ended";
  if (/\b(early|before|opens?|not started)\b/i.test(error.message)) return "early";
  return null;
}
