/** Builds all view models over a real browser page. */

import { AccessToken } from "../api/accessToken";
import { Accounts } from "../api/accounts";
import { AdminApi } from "../api/admin";
import { CaptionsApi } from "../api/captions";
import { ConsentApi } from "../api/consent";
import { EntryApi } from "../api/entry";
import { Http } from "../api/http";
import { InvitesApi } from "../api/invites";
import { LobbyApi } from "../api/lobby";
import { MeetingsApi } from "../api/meetings";
import { ModerationApi } from "../api/moderation";
import { SecurityApi } from "../api/security";
import { TranscriptsApi } from "../api/transcripts";
import { WebrtcApi } from "../api/webrtc";
import { systemClock } from "../rtc/clock";
import { Devices } from "../rtc/devices";
import { AccountModel } from "./accountModel";
import { AdministrationModel } from "./administrationModel";
import type { CallServices } from "./callServices";
import { ConsentModel } from "./consentModel";
import { EntranceModel } from "./entranceModel";
import { InvitationModel } from "./invitationModel";
import { MeetingsModel } from "./meetingsModel";
import { PlannedModel } from "./plannedModel";
import { PreferenceStore } from "./preferences";
import { ProfileModel } from "./profileModel";
import type { Salon } from "./salon";
import { VisitModel } from "./visitModel";

/** The hook by which browser tests measure media. */
declare global {
  interface Window {
    __salon?: { readonly peerConnection: RTCPeerConnection | null };
  }
}

/** Starts the client of the server that this page came from. */
export function openSalon(page: Window & typeof globalThis): Salon {
  const storage = findStorage(page);
  const token = new AccessToken(storage);
  const http = new Http(token, (input, init) => page.fetch(input, init));
  const accounts = new Accounts(http);
  const meetingsApi = new MeetingsApi(http);
  const entry = new EntryApi(http);
  const account = new AccountModel(accounts, entry, token, systemClock);
  const meetings = new MeetingsModel(meetingsApi, page.location.origin);
  const invites = new InvitesApi(http);
  const preferences = new PreferenceStore(storage);
  const services = callServices(page, http, accounts, meetingsApi);

  let archive: ReturnType<Salon["archive"]> | null = null;

  account.account.subscribe(() => meetings.setPerson(account.person?.id ?? null));
  page.addEventListener("storage", ({ key }) => {
    if (!AccessToken.isKey(key)) return;
    token.reload();
    void account.check();
  });
  account.start();

  return {
    account: account.account,
    meetings: meetings.meetings,
    visit(meetingId) {
      const { person } = account;
      if (person === null) throw new Error("nobody is signed in");
      const visit = new VisitModel({ services, preferences, meetingId, person, origin: page.location.origin });
      visit.start();
      return visit;
    },
    planned(meetingId) {
      const { person } = account;
      if (person === null) throw new Error("nobody is signed in");
      return new PlannedModel({
        meetings: meetingsApi,
        invites,
        meetingId,
        personId: person.id,
        origin: page.location.origin,
        onChanged: () => meetings.meetings.value.reload(),
      });
    },
    archive() {
      archive ??= import("./openArchive").then(({ openArchive }) => openArchive(http, token, (input, init) => page.fetch(input, init)));
      archive.catch(() => (archive = null)); // The line broke: the next visit tries again.
      return archive;
    },
    administration: () => new AdministrationModel(new AdminApi(http), systemClock, page.document),
    entrance: new EntranceModel(entry, account),
    ownAccount: () =>
      new ProfileModel({
        accounts,
        security: new SecurityApi(http),
        onProfile: (profile) => account.take(profile),
        renew: () => account.renew(),
        onGone: () => account.forget(),
      }),
    consent: () => new ConsentModel(new ConsentApi(http)),
    invitation: (inviteToken) => new InvitationModel(invites, inviteToken, (guestToken) => account.enter(guestToken)),
  };
}

function callServices(
  page: Window & typeof globalThis,
  http: Http,
  accounts: Accounts,
  meetings: MeetingsApi,
): CallServices {
  const { navigator, location } = page;
  return {
    accounts,
    meetings,
    lobby: new LobbyApi(http),
    moderation: new ModerationApi(http),
    captions: new CaptionsApi(http),
    transcripts: new TranscriptsApi(http),
    webrtc: new WebrtcApi(http),
    // The types promise `mediaDevices`, but pages that are not secure have none.
    devices: new Devices(navigator.mediaDevices, navigator.hardwareConcurrency),
    clock: systemClock,
    random: Math.random,
    newId: () => randomHex(page, 16),
    peerId: `web_${randomHex(page, 8)}`,
    openSocket: (path) => new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`),
    createConnection: (configuration) => new RTCPeerConnection(configuration),
    createAudio: () => new Audio(),
    page: { window: page, document: page.document, isOnline: () => navigator.onLine },
    onConnection: (connection) => {
      if (findStorage(page)?.getItem("salon.debug") !== "1") return;
      page.__salon = {
        get peerConnection() {
          return connection();
        },
      };
    },
  };
}

/** Random bytes as text; unlike `randomUUID` this also works where the page is not secure. */
function randomHex(page: Window & typeof globalThis, bytes: number): string {
  const random = page.crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function findStorage(page: Window): Storage | null {
  try {
    return page.localStorage;
  } catch {
    return null; // Switched off by the person or by policy.
  }
}
