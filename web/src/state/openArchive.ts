/** Builds the models of what is kept. A part of its own: it is loaded when one of its pages opens. */

import type { Bearer, Fetch, Http } from "../api/http";
import { MediaApi } from "../api/media";
import { RecordingsApi } from "../api/recordings";
import { TranscriptsApi } from "../api/transcripts";
import { tusTransfers } from "../api/tusUpload";
import { systemClock } from "../rtc/clock";
import type { Archive } from "./archive";
import { LibraryModel } from "./libraryModel";
import { MinutesModel } from "./minutesModel";
import { PagedListModel } from "./pagedList";
import { PlayerModel } from "./playerModel";
import { RecordingsModel } from "./recordingsModel";
import { TranscriptModel } from "./transcriptModel";

export function openArchive(http: Http, bearer: Bearer, fetch: Fetch): Archive {
  const api = new RecordingsApi(http);
  const transcripts = new TranscriptsApi(http);
  return {
    recordings: (meetingId) =>
      new RecordingsModel({
        api,
        fetch: (page) => (meetingId === null ? api.list(page) : api.ofMeeting(meetingId)),
        clock: systemClock,
      }),
    player: (recordingId) => new PlayerModel(api, recordingId, systemClock),
    library: () => new LibraryModel(new MediaApi(http), tusTransfers(bearer, fetch), systemClock),
    transcripts: () => new PagedListModel((search, page) => transcripts.list(search, page), systemClock, ""),
    transcript: (meetingId) => new TranscriptModel(transcripts, () => Promise.resolve({ meetingId })),
    transcriptOfRecording: (id, within) =>
      new TranscriptModel(transcripts, async () => ({ meetingId: (await api.find(id)).meetingId, recording: { id, within } })),
    minutes: (meetingId) => new MinutesModel(transcripts, meetingId),
  };
}
