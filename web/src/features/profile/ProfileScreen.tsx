import { useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { Account } from "../../state/account";
import type { OwnAccount, ProfileView } from "../../state/profile";
import type { Salon } from "../../state/salon";
import { useReadable } from "../../state/useReadable";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { Page } from "../../ui/Page";
import { AccountMenu } from "../account/AccountMenu";
import { LanguageMenu } from "../shell/LanguageMenu";
import { problemText } from "../shell/problemText";
import { Splash } from "../shell/Splash";
import { useTitle } from "../shell/useTitle";
import { AvatarEditor } from "./AvatarEditor";
import { Card } from "./Card";
import { DeleteCard } from "./DeleteCard";
import { FactorCard } from "./FactorCard";
import { IdentityCard } from "./IdentityCard";
import { MoodCard } from "./MoodCard";
import { PasswordForm } from "./PasswordForm";
import { ProfileForm } from "./ProfileForm";
import { SignInsCard } from "./SignInsCard";
import css from "./Profile.module.css";

type SignedIn = Extract<Account, { state: "signedIn" }>;

/** One's own account: how others see one, how one signs in, and how to leave. */
export function ProfileScreen({ salon, account }: { salon: Salon; account: SignedIn }) {
  const { t } = useTranslation();
  const own = useMemo(() => salon.ownAccount(), [salon]);
  const view = useReadable(own.state);
  useEffect(() => own.reload(), [own]);
  useTitle(t("profile.title"));
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
      {view.state === "loading" && <Splash />}
      {view.state === "failed" && (
        <Notice
          tone="error"
          title={t("profile.loadFailed")}
          action={
            <Button size="small" onClick={() => own.reload()}>
              {t("common.retry")}
            </Button>
          }
        >
          {problemText(t, view.problem)}
        </Notice>
      )}
      {view.state === "ready" && <Cards salon={salon} own={own} profile={view.profile} />}
    </Page>
  );
}

function Cards({ salon, own, profile }: { salon: Salon; own: OwnAccount; profile: ProfileView }) {
  const { t } = useTranslation();
  return (
    <div className={css.screen}>
      <header>
        <h1 className={css.title}>{t("profile.title")}</h1>
        <p className={css.lead}>{t("profile.lead")}</p>
      </header>
      <div className={css.columns}>
        <div className={css.column}>
          <Card title={t("profile.you")} testId="profile-card">
            <AvatarEditor own={own} profile={profile} />
            <ProfileForm own={own} profile={profile} />
          </Card>
          <SignInsCard own={own} />
          <DeleteCard own={own} profile={profile} />
        </div>
        <div className={css.column}>
          <Card title={t("profile.password")} text={t("profile.passwordText")} testId="password-card">
            <PasswordForm own={own} profile={profile} />
          </Card>
          <FactorCard own={own} profile={profile} />
          <MoodCard salon={salon} />
          {profile.identity !== null && <IdentityCard own={own} identity={profile.identity} />}
        </div>
      </div>
    </div>
  );
}
