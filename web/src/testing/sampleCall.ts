import type { Call, Connection, Notice, ScreenShare, Tile } from "../state/call";
import type { Captions } from "../state/captions";
import type { Chat } from "../state/chat";
import type { Hosting } from "../state/hosting";
import type { Camera, DeviceTrouble, LocalMedia, Microphone } from "../state/media";
import { Announcer, Value } from "../state/readable";
import type { RecordingNow } from "../state/recordingNow";
import type { Voices } from "../state/voices";

const NO_DEVICES = { devices: [], selectedId: null, select: () => undefined };

/** Tiles of people with these names; the first is one's own. */
export function tilesOf(...names: string[]): Tile[] {
  return names.map((name, index) => ({
    id: `tile-${index}`,
    streamId: `web_${index}`,
    name,
    avatarUrl: null,
    isLocal: index === 0,
    video: null,
    isScreen: false,
    isMuted: false,
    isConnecting: false,
  }));
}

/** Devices whose switches work and that lead nowhere, for tests of what is drawn. */
export function sampleMedia() {
  const microphone = new Value<Microphone>({
    isMuted: false,
    isStarting: false,
    trouble: null,
    toggle: () => microphone.update((now) => ({ ...now, isMuted: !now.isMuted })),
    picker: NO_DEVICES,
  });
  const camera = new Value<Camera>({
    isOn: true,
    isStarting: false,
    trouble: null,
    toggle: () => camera.update((now) => ({ ...now, isOn: !now.isOn })),
    picker: NO_DEVICES,
    video: null,
  });
  return {
    microphone,
    camera,
    speaker: new Value({ picker: NO_DEVICES }),
    level: new Value(0),
    isAsking: new Value(false),
    retry: () => undefined,
    /** Lets both devices fail. */
    setTrouble: (trouble: DeviceTrouble) => {
      microphone.update(({ isMuted, picker }) => ({ isMuted, isStarting: false, trouble, picker }));
      camera.update(({ picker }) => ({ isOn: false, isStarting: false, trouble, picker, video: null }));
    },
  } satisfies LocalMedia & Record<string, unknown>;
}

/** Rules of a meeting in which one may do nothing but take part. */
export function sampleHosting() {
  const done: string[] = [];
  const note =
    (name: string) =>
    (...details: unknown[]): void =>
      void done.push([name, ...details].join(" "));
  const hosting = new Value<Hosting>({
    role: "participant",
    canModerate: false,
    isHost: false,
    isLocked: false,
    allows: { audio: true, video: true, screenShare: true, chat: true },
    waiting: [],
    actions: {
      mute: note("mute"),
      stopVideo: note("stopVideo"),
      release: note("release"),
      muteAll: note("muteAll"),
      releaseAll: note("releaseAll"),
      setLocked: note("setLocked"),
      remove: note("remove"),
      setRole: note("setRole"),
      end: note("end"),
      admit: note("admit"),
      admitAll: note("admitAll"),
      deny: note("deny"),
      writeToLobby: note("writeToLobby"),
    },
  });
  return Object.assign(hosting, { done });
}

/** A call whose models the test sets by hand. */
export function sampleCall(names: string[]) {
  const sent: string[] = [];
  const chat = new Value<Chat>({
    lines: [],
    history: "ready",
    unread: 0,
    setOpen: (isOpen) => chat.update((now) => ({ ...now, unread: isOpen ? 0 : now.unread })),
    send: (text) => sent.push(text),
  });
  const screenShare = new Value<ScreenShare>({
    isSharing: false,
    toggle: () => screenShare.update((now) => ({ ...now, isSharing: !now.isSharing })),
  });
  const captions = new Value<Captions>({
    state: "off",
    condition: "ok",
    text: "",
    by: "",
    isNews: false,
    understand: () => captions.update((now) => ({ ...now, isNews: false })),
    recent: [],
    lines: [],
    history: "ready",
    loadHistory: () => undefined,
    fileUrl: "/api/v1/ai/transcripts/42/download?format=vtt",
    isShown: true,
    setShown: (isShown) => captions.update((now) => ({ ...now, isShown })),
    size: "medium",
    setSize: (size) => captions.update((now) => ({ ...now, size })),
    prepare: () => undefined,
    switchTo: (isOn) => {
      captions.update((now) => ({ ...now, state: isOn ? "on" : "off" }));
      return Promise.resolve();
    },
  });
  const call = {
    meetingId: 42,
    startedAt: new Date(),
    connection: new Value<Connection>({ state: "connected" }),
    grid: new Value({ tiles: tilesOf(...names) }),
    speaking: new Value<ReadonlySet<string>>(new Set()),
    media: sampleMedia(),
    screenShare,
    sound: new Value({ isBlocked: false, unblock: () => undefined }),
    people: new Value(
      names.map((name, userId) => ({
        userId,
        name,
        avatarUrl: null,
        isYou: userId === 0,
        role: userId === 0 ? ("host" as const) : ("participant" as const),
        isMuted: false,
        isCameraOn: true,
        isSharing: false,
        isAudioHeld: false,
        isVideoHeld: false,
      })),
    ),
    chat,
    hosting: sampleHosting(),
    recording: new Value<RecordingNow>({
      running: null,
      isNews: false,
      warning: "",
      understand: () => undefined,
      hideWarning: () => undefined,
      start: () => Promise.resolve(),
      stop: () => Promise.resolve(),
    }),
    captions,
    voices: new Value<Voices>([]),
    notices: new Announcer<Notice>(),
    leave: () => undefined,
  } satisfies Call;
  return { call, sent };
}
