import { useTranslation } from "react-i18next";
import type { Person } from "../../state/account";
import type { LocalMedia } from "../../state/media";
import { useReadable } from "../../state/useReadable";
import { Avatar } from "../../ui/Avatar";
import { Spinner } from "../../ui/Spinner";
import { CameraButton } from "./CameraButton";
import { MicrophoneButton } from "./MicrophoneButton";
import { StreamVideo } from "./StreamVideo";
import css from "./SelfView.module.css";

/** The own picture as in a mirror, with the two switches that matter on it. */
export function SelfView({ media, person }: { media: LocalMedia; person: Person }) {
  const { t } = useTranslation();
  const camera = useReadable(media.camera);
  return (
    <figure className={css.frame} aria-label={t("preJoin.selfView")}>
      {camera.video === null ? (
        <div className={css.nobody}>
          {camera.isStarting ? <Spinner /> : <Avatar name={person.name} picture={person.avatarUrl} size="fill" />}
          <p className={css.note}>{t(camera.isStarting ? "preJoin.cameraStarting" : "preJoin.cameraOff")}</p>
        </div>
      ) : (
        <StreamVideo stream={camera.video} className={css.video ?? ""} />
      )}
      <figcaption className={css.name}>{person.name}</figcaption>
      <div className={css.switches}>
        <MicrophoneButton model={media.microphone} />
        <CameraButton model={media.camera} />
      </div>
    </figure>
  );
}
