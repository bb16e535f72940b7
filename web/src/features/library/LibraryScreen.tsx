import { Upload } from "lucide-react";
import { useEffect, useRef, useState, type DragEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { Account } from "../../state/account";
import type { FileKind } from "../../state/library";
import type { Salon } from "../../state/salon";
import { useReadable } from "../../state/useReadable";
import { Button } from "../../ui/Button";
import { Page } from "../../ui/Page";
import { Segmented } from "../../ui/Segmented";
import { AccountMenu } from "../account/AccountMenu";
import { useArchive } from "../recordings/useArchive";
import { LanguageMenu } from "../shell/LanguageMenu";
import { useTitle } from "../shell/useTitle";
import { FileList } from "./FileList";
import { UploadList } from "./UploadList";
import css from "./Library.module.css";

const KINDS = ["", "video", "audio", "image", "document", "other"] as const;

type LibraryScreenProps = { salon: Salon; account: Extract<Account, { state: "signedIn" }> };

/** The files of the person: to bring, look at, work on, take away. */
export function LibraryScreen({ salon, account }: LibraryScreenProps) {
  const archive = useArchive(salon);
  const { t } = useTranslation();
  const [library] = useState(() => archive.library());
  const { query } = useReadable(library.files.list);
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    library.files.reload();
    return () => library.close();
  }, [library]);
  useTitle(t("library.title"));
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    library.uploads.add([...event.dataTransfer.files]);
  };
  return (
    <Page
      name={t("app.name")}
      home={<Link href="/">{t("app.name")}</Link>}
      actions={
        <>
          <LanguageMenu />
          <AccountMenu person={account.person} onSignOut={account.signOut} />
        </>
      }
    >
      <div className={css.screen}>
        <header>
          <h1 className={css.title}>{t("library.title")}</h1>
          <p className={css.lead}>{t("library.lead")}</p>
        </header>
        <div
          className={css.drop}
          data-over={isOver}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={drop}
        >
          <p>{t("library.drop")}</p>
          <input
            ref={input}
            type="file"
            name="files"
            multiple
            hidden
            onChange={({ target }) => {
              library.uploads.add([...(target.files ?? [])]);
              target.value = ""; // The same file may be chosen again.
            }}
          />
          <Button look="primary" icon={<Upload aria-hidden="true" />} onClick={() => input.current?.click()}>
            {t("library.upload")}
          </Button>
        </div>
        <UploadList uploads={library.uploads} />
        <div className={css.filter}>
          <Segmented<FileKind | "">
            label={t("library.filter")}
            value={query}
            options={KINDS.map((value) => ({ value, text: t(`library.${value === "" ? "all" : value}`) }))}
            onChange={(kind) => library.files.search(kind)}
          />
        </div>
        <FileList library={library} />
      </div>
    </Page>
  );
}
