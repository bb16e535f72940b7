import { Pause, Play, X } from "lucide-react";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import type { Upload, Uploads } from "../../state/uploads";
import { useReadable } from "../../state/useReadable";
import { IconButton } from "../../ui/IconButton";
import { clockText, sizeText } from "../recordings/amounts";
import { problemText } from "../shell/problemText";
import css from "./Library.module.css";

/** What is on its way, how far it is, and how to stop it. */
export function UploadList({ uploads }: { uploads: Uploads }) {
  const { t, i18n } = useTranslation();
  const list = useReadable(uploads.list);
  if (list.length === 0) return null;
  return (
    <section aria-label={t("library.uploads")}>
      <ul className={css.uploads} data-testid="uploads">
        {list.map((upload) => {
          const { id, name, state } = upload;
          return (
            <li key={id} className={css.upload} data-state={state}>
              <div className={css.uploadText}>
                <strong className={css.fileName}>{name}</strong>
                <span className={css.meta}>
                  {sizeText(upload.bytes, i18n.language)} · {stateText(t, upload)}
                </span>
                {state !== "done" && <progress className={css.bar} max={1} value={share(upload)} aria-label={name} />}
              </div>
              {(state === "sending" || state === "waiting") && (
                <IconButton size="small" label={t("library.pause", { name })} icon={<Pause />} onClick={() => uploads.pause(id)} />
              )}
              {(state === "paused" || state === "failed") && (
                <IconButton size="small" label={t("library.resume", { name })} icon={<Play />} onClick={() => uploads.resume(id)} />
              )}
              <IconButton
                size="small"
                label={t(state === "done" ? "library.dismiss" : "library.cancel", { name })}
                icon={<X />}
                onClick={() => uploads.cancel(id)}
              />
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function share({ bytes, sent_bytes }: Upload): number {
  return bytes === 0 ? 0 : Math.min(1, sent_bytes / bytes);
}

function stateText(t: TFunction, upload: Upload): string {
  const percent = Math.floor(share(upload) * 100);
  switch (upload.state) {
    case "waiting":
      return t("library.waiting");
    case "sending":
      return upload.left_s === null
        ? t("library.sending", { percent })
        : t("library.sendingLeft", { percent, left: clockText(upload.left_s) });
    case "paused":
      return t("library.paused", { percent });
    case "failed":
      return upload.problem === null ? t("error.unknown") : problemText(t, upload.problem);
    case "done":
      return t("library.done");
  }
}
