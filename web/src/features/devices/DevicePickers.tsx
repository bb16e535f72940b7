import { Mic, Video, Volume2 } from "lucide-react";
import type { LocalMedia } from "../../state/media";
import { useReadable } from "../../state/useReadable";
import { DevicePicker } from "./DevicePicker";
import { MicrophoneLevel } from "./MicrophoneLevel";
import css from "./DevicePickers.module.css";

/** Camera, microphone with its level, and the speaker where the browser lets one choose it. */
export function DevicePickers({ media }: { media: LocalMedia }) {
  const camera = useReadable(media.camera);
  const microphone = useReadable(media.microphone);
  const speaker = useReadable(media.speaker);
  return (
    <div className={css.pickers}>
      <DevicePicker kind="microphone" picker={microphone.picker} icon={<Mic />} />
      <MicrophoneLevel media={media} />
      <DevicePicker kind="camera" picker={camera.picker} icon={<Video />} />
      {speaker.picker.select !== undefined && <DevicePicker kind="speaker" picker={speaker.picker} icon={<Volume2 />} />}
    </div>
  );
}
