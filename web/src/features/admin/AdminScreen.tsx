import { AudioLines, Gauge, ScrollText, UsersRound, Video } from "lucide-react";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { addAdminTexts } from "../../i18n/admin";
import type { Account } from "../../state/account";
import type { Salon } from "../../state/salon";
import { classes } from "../../ui/classes";
import { Page } from "../../ui/Page";
import { AccountMenu } from "../account/AccountMenu";
import { LanguageMenu } from "../shell/LanguageMenu";
import { NothingHere } from "../shell/NothingHere";
import { useTitle } from "../shell/useTitle";
import { AiSection } from "./AiSection";
import { AuditSection } from "./AuditSection";
import { MeetingsSection } from "./MeetingsSection";
import { OverviewSection } from "./OverviewSection";
import { SECTIONS, sectionPath, type Section } from "./sections";
import { UsersSection } from "./UsersSection";
import css from "./Admin.module.css";

const ICONS = { overview: Gauge, users: UsersRound, meetings: Video, ai: AudioLines, audit: ScrollText } as const satisfies Record<Section, unknown>;

type AdminScreenProps = { salon: Salon; account: Extract<Account, { state: "signedIn" }>; part: string | undefined };

/** Everything about this server, for administrators. */
export function AdminScreen({ salon, account, part }: AdminScreenProps) {
  const { i18n } = useTranslation();
  const [administration] = useState(() => {
    addAdminTexts(i18n);
    return salon.administration();
  });
  const section = SECTIONS.find((each) => each === (part ?? "overview"));
  if (section === undefined) return <NothingHere />;
  return (
    <Frame account={account} section={section}>
      {section === "overview" && <OverviewSection administration={administration} />}
      {section === "users" && <UsersSection administration={administration} me={account.person} />}
      {section === "meetings" && <MeetingsSection administration={administration} />}
      {section === "ai" && <AiSection administration={administration} />}
      {section === "audit" && <AuditSection administration={administration} />}
    </Frame>
  );
}

type FrameProps = { account: AdminScreenProps["account"]; section: Section; children: ReactNode };

function Frame({ account, section, children }: FrameProps) {
  const { t } = useTranslation();
  useTitle(`${t(`admin.${section}`)} · ${t("admin.title")}`);
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
        <header className={css.top}>
          <h1 className={css.title}>{t("admin.title")}</h1>
          <nav className={css.sections} aria-label={t("admin.sections")}>
            {SECTIONS.map((each) => {
              const Icon = ICONS[each];
              return (
                <Link
                  key={each}
                  href={sectionPath(each)}
                  className={classes(css.section, each === section && css.chosen)}
                  aria-current={each === section ? "page" : undefined}
                >
                  <Icon aria-hidden="true" />
                  {t(`admin.${each}`)}
                </Link>
              );
            })}
          </nav>
        </header>
        {children}
      </div>
    </Page>
  );
}
