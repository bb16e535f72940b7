import { Download, Ellipsis, File as FileIcon, FileText, Film, Image, ImagePlus, Music, Repeat2, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { FileJob, FileView } from "../../state/library";
import { ButtonLink } from "../../ui/ButtonLink";
import { IconButton } from "../../ui/IconButton";
import { Menu, MenuItem } from "../../ui/Menu";
import { clockText, sizeText } from "../recordings/amounts";
import { problemText } from "../shell/problemText";
import css from "./Library.module.css";

const ICONS = { video: Film, audio: Music, image: Image, document: FileText, other: FileIcon } as const;

type FileCardProps = {
  file: FileView;
  job: FileJob | null;
  url: string;
  onShow: () => void;
  onProcess: (operation: FileJob["operation"]) => void;
  onDelete: () => void;
};

/** One file: its picture, its facts, what can be done with it. */
export function FileCard({ file, job, url, onShow, onProcess, onDelete }: FileCardProps) {
  const { t, i18n } = useTranslation();
  const { name, kind, thumbnailUrl } = file;
  const Icon = ICONS[kind];
  const picture = thumbnailUrl ?? (kind === "image" ? url : null);
  const facts = [
    sizeText(file.bytes, i18n.language),
    ...(file.duration_s > 0 ? [clockText(file.duration_s)] : []),
    ...(file.width > 0 ? [`${file.width} × ${file.height}`] : []),
    new Intl.DateTimeFormat(i18n.language, { dateStyle: "medium" }).format(file.createdAt),
  ];
  return (
    <li className={css.file} data-testid="file">
      <button type="button" className={css.picture} aria-label={t("library.open", { name })} onClick={onShow}>
        {picture === null ? <Icon aria-hidden="true" /> : <img src={picture} alt="" loading="lazy" />}
      </button>
      <div className={css.fileText}>
        <strong className={css.fileName} title={name}>
          {name}
        </strong>
        <span className={css.meta}>{facts.join(" · ")}</span>
        {file.status === "error" && job === null && <span className={css.fault}>{t("library.unreadable")}</span>}
        {job !== null && <JobLine job={job} />}
      </div>
      <div className={css.fileActions}>
        <ButtonLink look="quiet" className={css.download} href={url} download aria-label={t("library.downloadNamed", { name })} icon={<Download aria-hidden="true" />} />
        <Menu trigger={<IconButton size="small" label={t("library.actions", { name })} icon={<Ellipsis />} />}>
          {kind === "video" && (
            <MenuItem icon={<ImagePlus aria-hidden="true" />} onSelect={() => onProcess("thumbnail")}>
              {t("library.thumbnail")}
            </MenuItem>
          )}
          {kind === "video" && (
            <MenuItem icon={<Repeat2 aria-hidden="true" />} onSelect={() => onProcess("transcode")}>
              {t("library.transcode")}
            </MenuItem>
          )}
          <MenuItem icon={<Trash2 aria-hidden="true" />} onSelect={onDelete}>
            {t("library.delete")}
          </MenuItem>
        </Menu>
      </div>
    </li>
  );
}

function JobLine({ job }: { job: FileJob }) {
  const { t } = useTranslation();
  if (job.state === "done") return <span className={css.meta}>{t("library.jobDone")}</span>;
  if (job.state === "failed") {
    const reason = job.problem === null ? job.error : problemText(t, job.problem);
    return <span className={css.fault}>{t("library.jobFailed", { reason: reason === "" ? t("recordings.noReason") : reason })}</span>;
  }
  const text = t(`library.${job.operation}Running`, { percent: Math.floor(job.progress) });
  return (
    <span className={css.meta}>
      {text}
      <progress className={css.bar} max={100} value={job.progress} aria-label={text} />
    </span>
  );
}
