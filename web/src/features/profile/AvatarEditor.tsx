import { ImageUp, Trash2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { PICTURE_TYPES, pictureFault, type OwnAccount, type ProfileView } from "../../state/profile";
import { Avatar } from "../../ui/Avatar";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { useToast } from "../../ui/toastStore";
import { problemText } from "../shell/problemText";
import { useAction } from "./useAction";
import css from "./Profile.module.css";

type Chosen = { readonly file: File; readonly url: string };

/** The own picture: choose one, look at it, use it or not. */
export function AvatarEditor({ own, profile }: { own: OwnAccount; profile: ProfileView }) {
  const { t } = useTranslation();
  const toast = useToast();
  const input = useRef<HTMLInputElement>(null);
  const { isBusy, problem, setProblem, run } = useAction();
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [share, setShare] = useState(0);
  useEffect(() => {
    // The browser keeps the file for as long as the address stands.
    return () => {
      if (chosen !== null) URL.revokeObjectURL(chosen.url);
    };
  }, [chosen]);
  const choose = (file: File | undefined) => {
    if (file === undefined) return;
    const fault = pictureFault(file);
    setProblem(fault);
    setChosen(fault === null ? { file, url: URL.createObjectURL(file) } : null);
  };
  const send = ({ file }: Chosen) => {
    setShare(0);
    void run(
      () => own.setAvatar(file, setShare),
      () => {
        setChosen(null);
        toast(t("profile.pictureSaved"), "ok");
      },
    );
  };
  const remove = () => void run(() => own.removeAvatar(), () => toast(t("profile.pictureRemoved"), "ok"));
  const name = profile.nickname === "" ? profile.username : profile.nickname;
  return (
    <div className={css.avatar} role="group" aria-label={t("profile.picture")}>
      <Avatar name={name} picture={chosen?.url ?? profile.avatarUrl} size="large" />
      <div className={css.avatarSide}>
        <input
          ref={input}
          type="file"
          name="avatar"
          accept={PICTURE_TYPES.join(",")}
          aria-label={t("profile.choose")}
          hidden
          onChange={(event) => {
            choose(event.target.files?.[0]);
            event.target.value = ""; // The same file may be chosen again.
          }}
        />
        {chosen === null ? (
          <div className={css.buttons}>
            <Button size="small" icon={<ImageUp aria-hidden="true" />} busy={isBusy} onClick={() => input.current?.click()}>
              {t(profile.avatarUrl === null ? "profile.choose" : "profile.change")}
            </Button>
            {profile.avatarUrl !== null && (
              <Button look="quiet" size="small" icon={<Trash2 aria-hidden="true" />} onClick={remove} data-testid="remove-avatar">
                {t("profile.remove")}
              </Button>
            )}
          </div>
        ) : (
          <div className={css.buttons}>
            <Button look="primary" size="small" busy={isBusy} onClick={() => send(chosen)} data-testid="use-avatar">
              {t(isBusy ? "profile.uploading" : "profile.use")}
            </Button>
            {!isBusy && (
              <Button look="quiet" size="small" onClick={() => setChosen(null)}>
                {t("profile.cancel")}
              </Button>
            )}
          </div>
        )}
        {chosen !== null && isBusy ? (
          <progress className={css.progress} max={1} value={share} aria-label={t("profile.uploading")} />
        ) : (
          <p className={css.hint}>{t(chosen === null ? "profile.pictureHint" : "profile.preview")}</p>
        )}
      </div>
      {problem !== null && (
        <div className={css.wide}>
          <Notice tone="error">{problemText(t, problem)}</Notice>
        </div>
      )}
    </div>
  );
}
