/** The {@link Call}: signaling, media and devices held together, from the admission until the way out. */

import { ApiError } from "../api/http";
import { MediaLink } from "../rtc/mediaLink";
import type { RemoteTrack } from "../rtc/mediaPeer";
import { MessageType, type MediaAction, type MediaState, type RoomInfo, type ServerMessage } from "../rtc/messages";
import { RemoteAudio } from "../rtc/remoteAudio";
import { Signaling, type EndCause } from "../rtc/signaling";
import type { Person } from "./account";
import type { Call, Grid, Notice, Sound, Tile } from "./call";
import type { CallServices } from "./callServices";
import { CaptionsModel } from "./captionsModel";
import { ChatModel } from "./chatModel";
import { ConnectionModel } from "./connectionModel";
import type { LocalMediaModel } from "./localMedia";
import { HostingModel } from "./hostingModel";
import type { PersonHere } from "./people";
import { PeopleModel } from "./peopleModel";
import type { PreferenceStore } from "./preferences";
import { Announcer, Value, type Readable } from "./readable";
import { RecordingNowModel } from "./recordingNowModel";
import { RemoteMedia } from "./remoteMedia";
import { Roster, shownName, type Member } from "./roster";
import { ScreenShareModel } from "./screenShareModel";
import { SpeakingModel } from "./speakingModel";
import { VoicesModel } from "./voicesModel";

const LOCAL_TILE = "local";
/** People who return with us after an outage are no news. */
const QUIET_AFTER_ENTRY_MS = 8000;
/** Whose line broke keeps their place for so long; most are back within a second. */
const AWAY_LIMIT_MS = 5000;

export type LiveCallOptions = {
  readonly services: CallServices;
  readonly preferences: PreferenceStore;
  readonly meetingId: number;
  readonly roomId: string;
  readonly password: string;
  readonly person: Person;
  readonly media: LocalMediaModel;
  /** The call is over; it has released everything but the devices. */
  readonly onOver: (cause: EndCause | "left") => void;
};

export class LiveCall implements Call {
  readonly startedAt = new Date();
  readonly #options: LiveCallOptions;
  readonly #signaling: Signaling;
  readonly #link: MediaLink;
  readonly #audio: RemoteAudio;
  readonly #speakers: SpeakingModel;
  readonly #roster = new Roster();
  readonly #remote: RemoteMedia;
  readonly #connection: ConnectionModel;
  readonly #screen: ScreenShareModel;
  readonly #chat: ChatModel;
  readonly #people: PeopleModel;
  readonly #hosting: HostingModel;
  readonly #recording: RecordingNowModel;
  readonly #captions: CaptionsModel;
  readonly #voices: VoicesModel;
  readonly #grid: Value<Grid>;
  readonly #sound: Value<Sound>;
  readonly #notices = new Announcer<Notice>();
  readonly #endings: (() => void)[] = [];
  #announced: MediaState = { audio: false, video: false, screen: false };
  #entries = 0;
  #enteredAt_ms = 0;
  /** By peer id, who went since the room's last list: true if only their line broke. */
  readonly #wentLost = new Map<string, boolean>();
  #isOver = false;

  constructor(options: LiveCallOptions) {
    this.#options = options;
    const { services, meetingId, roomId, person } = options;
    const { clock, random, peerId } = services;
    this.#signaling = new Signaling({
      meetingId,
      userId: person.id,
      peerId,
      clock,
      random,
      openSocket: services.openSocket,
      readmit: () => this.#readmit(),
      listener: {
        onEntered: (room) => this.#onEntered(room),
        onMessage: (message) => this.#onMessage(message),
        onLost: () => {
          this.#connection.setSignaling(false);
          this.#link.signalingLost();
        },
        onEnded: (cause) => this.#end(cause),
      },
    });
    this.#link = new MediaLink({
      api: services.webrtc,
      roomId,
      userId: person.id,
      clock,
      random,
      createConnection: services.createConnection,
      listener: {
        onState: (state) => this.#connection.setLink(state),
        onTracks: (tracks) => this.#onTracks(tracks),
      },
    });
    this.#connection = new ConnectionModel(clock, services.page.isOnline, () => this.#hurry());
    this.#remote = new RemoteMedia(() => this.#showGrid());
    this.#sound = new Value<Sound>({ isBlocked: false, unblock: () => this.#audio.unblock() });
    this.#audio = new RemoteAudio(services.createAudio, (isBlocked) => {
      if (this.#sound.value.isBlocked !== isBlocked) this.#sound.update((sound) => ({ ...sound, isBlocked }));
    });
    this.#speakers = new SpeakingModel(clock, options.media, LOCAL_TILE);
    this.#screen = new ScreenShareModel(services.devices, () => this.#notices.announce({ kind: "shareFailed" }));
    this.#people = new PeopleModel(services.meetings, meetingId, person);
    const teller = {
      meetingId,
      userId: person.id,
      announce: (notice: Notice) => this.#notices.announce(notice),
      nameOf: (userId: number) => this.#people.nicknameOf(userId),
    };
    this.#hosting = new HostingModel({
      services,
      media: options.media,
      screen: this.#screen,
      ...teller,
      onRoles: (roles) => this.#people.setRoles(roles),
    });
    this.#recording = new RecordingNowModel({ moderation: services.moderation, ...teller });
    this.#captions = new CaptionsModel({
      api: services.captions,
      transcripts: services.transcripts,
      clock,
      preferences: options.preferences,
      ...teller,
    });
    this.#voices = new VoicesModel({ ownStreamId: peerId, hosting: this.#hosting.hosting, ...teller });
    this.#chat = new ChatModel({
      api: services.meetings,
      meetingId,
      myId: person.id,
      clock,
      newId: services.newId,
      transmit: (id, content) =>
        this.#signaling.send(
          MessageType.CHAT,
          { content, user_id: person.id, username: person.username, meeting_id: meetingId },
          id,
        ),
      nameOf: (userId, username) => (userId === person.id ? person.name : (this.#people.nicknameOf(userId) ?? username)),
      avatarOf: (userId) => (userId === person.id ? person.avatarUrl : this.#people.avatarOf(userId)),
      onUnread: (name, text) => this.#notices.announce({ kind: "chatFrom", name, text }),
    });
    this.#grid = new Value<Grid>({ tiles: [this.#localTile()] });
    this.#watch();
  }

  get meetingId(): number {
    return this.#options.meetingId;
  }

  get media(): LocalMediaModel {
    return this.#options.media;
  }

  get connection(): Call["connection"] {
    return this.#connection.connection;
  }

  get grid(): Readable<Grid> {
    return this.#grid;
  }

  get speaking(): Readable<ReadonlySet<string>> {
    return this.#speakers.speaking;
  }

  get screenShare(): Call["screenShare"] {
    return this.#screen.screenShare;
  }

  get sound(): Readable<Sound> {
    return this.#sound;
  }

  get people(): Readable<readonly PersonHere[]> {
    return this.#people.people;
  }

  get chat(): Call["chat"] {
    return this.#chat.chat;
  }

  get hosting(): Call["hosting"] {
    return this.#hosting.hosting;
  }

  get recording(): Call["recording"] {
    return this.#recording.recording;
  }

  get captions(): Call["captions"] {
    return this.#captions.captions;
  }

  get voices(): Call["voices"] {
    return this.#voices.voices;
  }

  get notices(): Call["notices"] {
    return this.#notices;
  }

  /** Begins to connect. */
  start(): void {
    this.#options.services.onConnection(() => this.#link.connection);
    this.#sendMedia();
    this.#signaling.start();
  }

  leave(): void {
    if (this.#isOver) return;
    const { services, meetingId, roomId, person } = this.#options;
    const isLastTab = !this.#roster.members.some(({ userId }) => userId === person.id);
    const wasUp = this.#signaling.isUp;
    this.#end("left");
    if (!isLastTab) return; // The other tab stays: these two calls speak for the whole person.
    const farewells = [services.meetings.leave(meetingId)];
    // With signaling up, its LEAVE has already taken our media out of the room.
    if (!wasUp) farewells.push(services.webrtc.leaveRoom(roomId, person.id));
    void Promise.allSettled(farewells).then((results) => {
      for (const result of results) {
        if (result.status === "rejected") console.info("salon: a farewell did not arrive", result.reason);
      }
    });
  }

  #watch(): void {
    const { services, media } = this.#options;
    const { window, document } = services.page;
    const on = (target: Pick<EventTarget, "addEventListener" | "removeEventListener">, type: string, react: () => void): void => {
      target.addEventListener(type, react);
      this.#endings.push(() => target.removeEventListener(type, react));
    };
    on(window, "online", () => this.#hurry());
    on(window, "offline", () => this.#connection.look());
    on(window, "pagehide", () => this.leave());
    on(document, "visibilitychange", () => {
      if (document.visibilityState === "visible") this.#signaling.probe();
    });
    this.#endings.push(
      media.microphone.subscribe(() => this.#sendMedia()),
      media.camera.subscribe(() => this.#sendMedia()),
      media.speaker.subscribe(() => this.#routeSound()),
      media.faults.subscribe(({ device, trouble }) => {
        if (trouble !== "lost") this.#notices.announce({ kind: "deviceTrouble", trouble });
        else this.#notices.announce({ kind: device === "microphone" ? "microphoneLost" : "cameraLost" });
      }),
      this.#screen.screenShare.subscribe(() => this.#sendMedia()),
      this.#people.people.subscribe(() => this.#chat.refreshNames()),
    );
    this.#routeSound();
  }

  #hurry(): void {
    this.#connection.look();
    this.#signaling.probe();
    this.#link.hurry();
  }

  /** The membership may have lapsed while we were away; joining twice does no harm. */
  async #readmit(): Promise<boolean> {
    const { services, meetingId, password } = this.#options;
    try {
      await services.meetings.join(meetingId, password);
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.kind === "refused" && !error.isPassing) {
        if (error.status === 400 || error.status === 404) this.#end("ended");
        else if (error.status === 403) this.#end("removed");
        else if (error.status === 401) await this.#checkSignIn();
      }
      return false;
    }
  }

  /** A 401 at the door: either the sign-in ran out, which signs out, or a password guards a place we had. */
  async #checkSignIn(): Promise<void> {
    try {
      await this.#options.services.accounts.profile();
    } catch (error) {
      console.info("salon: the way back needs a valid sign-in", error);
      return;
    }
    this.#end("removed");
  }

  #onEntered(room: RoomInfo): void {
    this.#entries += 1;
    this.#enteredAt_ms = this.#options.services.clock.now_ms();
    this.#connection.setSignaling(true);
    this.#announced = { audio: false, video: false, screen: false };
    this.#announce(true);
    this.#link.enter(room.sessionId, room.iceServers);
    void this.#chat.entered();
    this.#captions.entered();
    this.#voices.entered();
  }

  #onMessage(message: ServerMessage): void {
    switch (message.kind) {
      case "roomInfo":
        this.#takeRoom(message.room);
        break;
      case "userLeft":
        this.#wentLost.set(message.peerId, message.isLost);
        break;
      case "mediaControl":
        this.#roster.apply(message.peerId, message.action);
        this.#showRoom();
        break;
      case "chat":
        this.#chat.receive(message);
        break;
      case "mediaOffer":
        this.#link.takeOffer(message.peerId, message.neg, message.sdp);
        break;
      case "mediaGone":
        this.#link.takeGone(message.peerId);
        break;
      case "recordingState":
        this.#recording.take(message);
        break;
      case "captionState":
        this.#captions.takeState(message.captions);
        break;
      case "caption":
        this.#captions.take(message);
        break;
      case "voiceState":
        this.#voices.take(message);
        break;
      case "error":
        if (this.#chat.refused()) this.#notices.announce({ kind: "chatRefused", reason: message.details || message.message });
        else console.warn("salon: the server refused a message", message.message, message.details);
        break;
      default:
        this.#hosting.take(message); // Presence is taken from ROOM_INFO alone.
    }
  }

  #takeRoom(room: RoomInfo): void {
    this.#hosting.takeRoom(room);
    this.#recording.takeRoom(room);
    const { clock } = this.#options.services;
    const now_ms = clock.now_ms();
    const isQuiet = now_ms - this.#enteredAt_ms <= QUIET_AFTER_ENTRY_MS;
    // After an outage of the server the others return one by one, as we do.
    const areReturning = this.#entries > 1 && isQuiet;
    const mayReturn = ({ peerId }: Member): boolean => this.#wentLost.get(peerId) ?? areReturning;
    const { arrived, gone } = this.#roster.replace(room.sessions, now_ms, mayReturn);
    this.#wentLost.clear();
    this.#voices.keepOnly(this.#roster.members.map(({ peerId }) => peerId));
    if (!isQuiet) {
      this.#tellOf("joined", arrived, gone);
      this.#tellOf("left", gone, arrived);
    }
    if (this.#roster.members.some(({ awaySince_ms }) => awaySince_ms === now_ms)) {
      clock.after(AWAY_LIMIT_MS, () => this.#dropAway());
    }
    this.#playSound();
    this.#showRoom();
  }

  /** Who is not back by now has left. */
  #dropAway(): void {
    if (this.#isOver) return;
    const gone = this.#roster.expire(this.#options.services.clock.now_ms() - AWAY_LIMIT_MS);
    this.#tellOf("left", gone, []);
    this.#voices.keepOnly(this.#roster.members.map(({ peerId }) => peerId));
    this.#showRoom();
  }

  /** Tells of people, not of tabs: who is still (or was already) there otherwise is no news. */
  #tellOf(kind: "joined" | "left", members: readonly Member[], counterparts: readonly Member[]): void {
    for (const member of members) {
      const isSame = ({ userId, peerId }: Member): boolean => userId === member.userId && peerId !== member.peerId;
      const isElsewhere = this.#roster.members.some(isSame) || counterparts.some(isSame);
      const isMe = member.userId === this.#options.person.id;
      if (!isElsewhere && !isMe) this.#notices.announce({ kind, name: shownName(member) });
    }
  }

  #onTracks(tracks: readonly RemoteTrack[]): void {
    this.#remote.replace(tracks);
    this.#speakers.watch(tracks);
    this.#playSound();
    this.#showGrid();
  }

  /** Everybody's but our own from another tab or device: it would come back as an echo. */
  #playSound(): void {
    const { person } = this.#options;
    const own = new Set(this.#roster.members.filter(({ userId }) => userId === person.id).map(({ peerId }) => peerId));
    this.#audio.play(this.#remote.audioTracksBut(own));
  }

  #sendMedia(): void {
    const { media } = this.#options;
    const screen = this.#screen.video?.getVideoTracks()[0] ?? null;
    this.#link.send({
      audio: media.microphoneTrack,
      video: screen ?? media.cameraTrack,
      videoProfile: screen === null ? "camera" : "screen",
    });
    this.#announce(false);
    this.#showRoom();
  }

  /** Tells the room what changed; after an entry everything, since the server starts with all off. */
  #announce(isAll: boolean): void {
    const { media, person, services } = this.#options;
    const now: MediaState = {
      audio: !media.microphone.value.isMuted,
      video: media.camera.value.isOn,
      screen: this.#screen.video !== null,
    };
    const tell = (kind: keyof MediaState, on: MediaAction, off: MediaAction): void => {
      if (!isAll && now[kind] === this.#announced[kind]) return;
      this.#signaling.send(MessageType.MEDIA_CONTROL, {
        action: now[kind] ? on : off,
        media_type: kind === "audio" ? "audio" : "video",
        user_id: person.id,
        peer_id: services.peerId,
      });
    };
    tell("audio", "unmute", "mute");
    tell("video", "video_on", "video_off");
    tell("screen", "screen_on", "screen_off");
    this.#announced = now;
  }

  #showRoom(): void {
    const { media } = this.#options;
    this.#people.show(this.#roster.members, {
      audio: !media.microphone.value.isMuted,
      video: media.camera.value.isOn,
      screen: this.#screen.video !== null,
    });
    this.#showGrid();
  }

  #showGrid(): void {
    if (this.#isOver) return;
    const { members } = this.#roster;
    this.#link.setMissing(members.some((member) => this.#remote.isMissing(member)));
    this.#grid.set({ tiles: [this.#localTile(), ...members.map((member) => this.#remote.tile(member))] });
  }

  #localTile(): Tile {
    const { media, person, services } = this.#options;
    const screen = this.#screen.video;
    return {
      id: LOCAL_TILE,
      streamId: services.peerId,
      name: person.name,
      avatarUrl: person.avatarUrl,
      isLocal: true,
      video: screen ?? (media.camera.value.isOn ? media.camera.value.video : null),
      isScreen: screen !== null,
      isMuted: media.microphone.value.isMuted,
      isConnecting: false,
    };
  }

  #routeSound(): void {
    this.#audio.setSpeaker(this.#options.media.speaker.value.picker.selectedId ?? "");
  }

  #end(cause: EndCause | "left"): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const end of this.#endings) end();
    this.#signaling.close();
    this.#link.close();
    this.#audio.close();
    this.#speakers.close();
    this.#screen.close();
    this.#connection.close();
    this.#chat.close();
    this.#captions.close();
    this.#voices.close();
    this.#options.onOver(cause);
  }
}
